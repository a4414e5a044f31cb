namespace Edge.Log.Segments;

/// <summary>What one segment holds of one partition.</summary>
internal struct PartitionSpan
{
    public int PartitionId;
    public long FirstOffset;

    /// <summary>Exclusive.</summary>
    public long EndOffset;

    public long MaxTimestampMs;
    public long Bytes;
    public long Records;

    /// <summary>Where the partition's entries begin in the index, and how many there are.</summary>
    public int FirstEntry, EntryCount;

    /// <summary>CRC-32C of those entries as the sidecar holds them.</summary>
    public uint EntriesChecksum;
}
