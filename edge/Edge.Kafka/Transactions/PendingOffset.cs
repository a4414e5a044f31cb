using Edge.Kafka.Groups;

namespace Edge.Kafka.Transactions;

/// <summary>An offset that a group commits when the transaction does.</summary>
internal readonly record struct PendingOffset(OffsetKey Key, long Offset, int LeaderEpoch, string Metadata);
