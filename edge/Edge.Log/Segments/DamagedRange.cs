namespace Edge.Log.Segments;

/// <summary>Durable bytes of a segment that do not verify.</summary>
/// <param name="From">Position in the segment file.</param>
/// <param name="To">Exclusive.</param>
/// <param name="NextSequence">Frame sequence that follows the range.</param>
/// <param name="PartitionId">The only partition it can have held records of; -1 when that cannot be told.</param>
internal readonly record struct DamagedRange(int From, int To, long NextSequence, int PartitionId);
