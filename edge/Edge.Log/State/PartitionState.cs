namespace Edge.Log.State;

/// <summary>A partition's positions and producers as a state snapshot holds them.</summary>
internal sealed record PartitionState(long StartOffset, long EndOffset, ProducerStates Producers);
