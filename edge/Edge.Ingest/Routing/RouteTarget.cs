using Edge.Ingest.Payloads;
using Edge.Log.Topics;

namespace Edge.Ingest.Routing;

/// <summary>Where the records of one MQTT topic go: resolved once, cached by the connection until <see cref="IsStale"/>.</summary>
/// <remarks>Immutable and thread-safe. Belongs to the client and user it was resolved for.</remarks>
public sealed class RouteTarget
{
    private readonly RouteSet _routes;
    private readonly int _partitionCount;

    internal RouteTarget(RouteSet routes, CompiledRoute route, Range[] captures, string mqttTopic, string clientId, string userName, Topic? topic, int partition, byte[] key, bool keyIsMqttTopic)
    {
        _routes = routes;
        (Route, Captures, MqttTopic, ClientId, UserName) = (route, captures, mqttTopic, clientId, userName);
        if (topic is not null)
        {
            IReadOnlyList<Partition> partitions = topic.Partitions;
            (Topic, Partition, _partitionCount) = (topic, partitions[partition], partitions.Count);
        }
        (Key, KeyIsMqttTopic) = (key, keyIsMqttTopic);
    }

    /// <summary>Null only while <see cref="DependsOnPayload"/>.</summary>
    public Topic Topic { get; } = null!;

    /// <summary>Partition of <see cref="Key"/>; without a key always the same one for a client. Null only while <see cref="DependsOnPayload"/>.</summary>
    public Partition Partition { get; } = null!;

    /// <summary>The key's bytes; empty when <see cref="HasKey"/> is false.</summary>
    public byte[] Key { get; }

    /// <summary>False: the record gets Kafka's null key.</summary>
    public bool HasKey => Key.Length > 0;

    /// <summary>True when the key is the MQTT topic, so that no <c>mqtt.topic</c> header is needed.</summary>
    public bool KeyIsMqttTopic { get; }

    /// <summary>Of the route: lower waits first.</summary>
    public int Priority => Route.Priority;

    /// <summary>True when topic or key need a field of the payload: cache this target, and ask <see cref="RouteTable.ResolveWithPayload"/> for each message.</summary>
    public bool DependsOnPayload => Topic is null;

    /// <summary>True when the topic was deleted, got more partitions, or the routes were replaced: resolve again.</summary>
    public bool IsStale => _routes.IsReplaced || (Topic is { } topic && (topic.IsDeleted || topic.Partitions.Count != _partitionCount));

    /// <summary>What makes records of a payload; null: it is stored untouched.</summary>
    public PayloadFormat? Format => Route.Format;

    /// <summary>Partition of another key than <see cref="Key"/>, for records a <see cref="Format"/> has named.</summary>
    public Partition PartitionFor(byte[] key)
    {
        IReadOnlyList<Partition> partitions = Topic.Partitions;
        return partitions[RouteTable.ChoosePartition(key, ClientId, partitions.Count)];
    }

    internal CompiledRoute Route { get; }

    internal Range[] Captures { get; }

    internal string MqttTopic { get; }

    internal string ClientId { get; }

    internal string UserName { get; }

    internal RouteSet Routes => _routes;
}
