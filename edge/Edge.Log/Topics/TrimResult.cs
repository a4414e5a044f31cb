namespace Edge.Log.Topics;

/// <summary>What became of a <see cref="Partition.TrimAsync"/>.</summary>
/// <param name="LogStartOffset">The partition's log start now.</param>
public readonly record struct TrimResult(TrimStatus Status, long LogStartOffset);
