using Edge.Ingest.Routing;

namespace Edge.Mqtt.Publishing;

/// <summary>What a connection knows of a topic it publishes to: where its records go and their ready-made headers.</summary>
internal sealed class TopicEntry
{
    private readonly (byte[] Encoded, int Count)[] _headers = new (byte[], int)[3];
    private readonly string _clientId;
    private readonly string? _userName;

    public TopicEntry(byte[] utf8, string text, RouteTarget? target, string clientId, string? userName, int accessVersion = 0, bool isDenied = false)
    {
        Utf8 = utf8;
        Text = text;
        Target = target;
        AccessVersion = accessVersion;
        IsDenied = isDenied;
        _clientId = clientId;
        _userName = userName;
    }

    public byte[] Utf8 { get; }
    public string Text { get; }

    /// <summary>Rights as of which it was looked up.</summary>
    public int AccessVersion { get; }

    /// <summary>The client has no right to publish to it.</summary>
    public bool IsDenied { get; }

    /// <summary>Null: no route takes this topic, or it is reserved.</summary>
    public RouteTarget? Target { get; }

    /// <summary>Whether somebody subscribes to it, as of <see cref="SubscriptionVersion"/>; MQTT 5 publishers are told.</summary>
    public bool HasSubscribers { get; set; }
    public int SubscriptionVersion { get; set; } = -1;

    public ref readonly (byte[] Encoded, int Count) Headers(int qos)
    {
        ref (byte[] Encoded, int Count) headers = ref _headers[qos];
        if (headers.Encoded is null) headers = HeaderWriter.Fixed(qos, _clientId, _userName, Target is { KeyIsMqttTopic: false } ? Utf8 : null);
        return ref headers;
    }
}
