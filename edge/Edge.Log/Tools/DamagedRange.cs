namespace Edge.Log.Tools;

/// <summary>Bytes of a segment that must be frames and do not verify.</summary>
/// <param name="From">Position in the file, inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="FirstSequence">Frame sequence of the first frame that is missing.</param>
/// <param name="Frames">How many frame sequences are missing.</param>
/// <param name="PartitionId">Whose batch it is where the frame's header is whole; -1 otherwise.</param>
/// <param name="BaseOffset">First offset of that batch; -1 otherwise.</param>
/// <param name="IsTail">Nothing of the segment lies behind it: how far the damage goes is not known, <paramref name="To"/> is behind the last byte that is not zero.</param>
internal readonly record struct DamagedRange(int From, int To, long FirstSequence, long Frames, int PartitionId, long BaseOffset, bool IsTail = false);
