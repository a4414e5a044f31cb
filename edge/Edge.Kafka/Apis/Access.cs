using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Finding a partition for a request: it must exist, and its sender must be allowed to use it.</summary>
internal static class Access
{
    /// <summary>Holds users and their hashes: nobody reads it over the wire.</summary>
    private const string Secrets = "__catalog";

    public static ErrorCode Find(BrokerContext broker, KafkaRequest request, AclOperation operation, string topic, int index, out Partition partition)
    {
        partition = null!;
        if (!request.Session.May(operation, topic) || topic == Secrets) return ErrorCode.TopicAuthorizationFailed;
        return broker.TryGetPartition(topic, index, out partition) ? ErrorCode.None : ErrorCode.UnknownTopicOrPartition;
    }
}
