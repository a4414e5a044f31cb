using Edge.Log.Topics;

namespace Edge.Log.State;

/// <summary>A log start that is to move up to <paramref name="To"/>, and why.</summary>
internal readonly record struct StartMove(Partition Partition, long To, string Reason);
