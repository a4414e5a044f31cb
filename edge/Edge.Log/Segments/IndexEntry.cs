namespace Edge.Log.Segments;

/// <summary>One entry of the sparse index: a partition's first frame in a block of the segment.</summary>
/// <param name="Offset">Base offset of that frame's batch.</param>
/// <param name="IngestSequence">Its ingest sequence.</param>
/// <param name="Position">Byte position of the frame in the segment file.</param>
/// <param name="MaxTimestampMs">Largest record timestamp of the partition in the block.</param>
internal record struct IndexEntry(long Offset, long IngestSequence, int Position, long MaxTimestampMs)
{
    public const int Bytes = 28;

    /// <summary>A partition gets at most one entry per block of this size.</summary>
    public const int BlockBytes = 64 << 10;
}
