using Edge.Ingest.Routing;

namespace Edge.Mqtt.Publishing;

/// <summary>What a connection knows of a topic it publishes to: where its records go and their ready-made headers.</summary>
internal sealed class TopicEntry
{
    private readonly (byte[] Encoded, int Count)[] _headers = new (byte[], int)[3];
    private readonly string _clientId;
    private readonly string? _userName;

    public TopicEntry(byte[] utf8, string text, RouteTarget? target, string clientId, string? userName)
    {
        Utf8 = utf8;
        Text = text;
        Target = target;
        Key = target?.Key ?? [];
        _clientId = clientId;
        _userName = userName;
    }

    public byte[] Utf8 { get; }
    public string Text { get; }

    /// <summary>Null: no route takes this topic, or it is reserved.</summary>
    public RouteTarget? Target { get; }
    public byte[] Key { get; }

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
