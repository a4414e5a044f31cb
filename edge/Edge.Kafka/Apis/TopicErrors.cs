using Edge.Kafka.Protocol;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>What a refused change of a topic is called on the wire.</summary>
internal static class TopicErrors
{
    public static ErrorCode Map(TopicChangeStatus status) => status switch
    {
        TopicChangeStatus.Ok => ErrorCode.None,
        TopicChangeStatus.AlreadyExists => ErrorCode.TopicAlreadyExists,
        TopicChangeStatus.NotFound => ErrorCode.UnknownTopicOrPartition,
        TopicChangeStatus.InvalidName => ErrorCode.InvalidTopic,
        TopicChangeStatus.InvalidPartitions => ErrorCode.InvalidPartitions,
        TopicChangeStatus.InvalidConfig => ErrorCode.InvalidConfig,
        TopicChangeStatus.LimitReached or TopicChangeStatus.NotForwarded => ErrorCode.PolicyViolation,
        _ => ErrorCode.KafkaStorageError,
    };

    /// <summary>Names with two leading underscores belong to the journal.</summary>
    public static bool IsReserved(string name) => name.StartsWith("__", StringComparison.Ordinal);
}
