using Confluent.Kafka;

namespace Edge.CloudSync.Forwarding;

/// <summary>Why a message of a transaction did not go in.</summary>
/// <param name="Source">Whose record; null for a cursor.</param>
internal sealed record DeliveryRefusal(SourcePartition? Source, ErrorCode Code, string Reason)
{
    /// <summary>The centre does not take this content, wherever it goes: halving finds the record.</summary>
    public bool IsAboutRecords => Code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidRecord or ErrorCode.InvalidTimestamp or ErrorCode.Local_InvalidDifferentRecord;

    /// <summary>The centre does not take anything into this topic now.</summary>
    public bool IsAboutTopic => Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.TopicException or ErrorCode.PolicyViolation or ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic;

    /// <summary>The partitions of the topic are not what we know.</summary>
    public bool IsAboutPartitions => Code is ErrorCode.Local_UnknownPartition;
}
