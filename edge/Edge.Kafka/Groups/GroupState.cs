namespace Edge.Kafka.Groups;

/// <summary>States of a classic consumer group, with Kafka's names.</summary>
internal enum GroupState : byte
{
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
}
