namespace Edge.Log.Tools;

/// <summary>What a journal holds of one partition.</summary>
public sealed class PartitionExtent(PartitionName name)
{
    public PartitionName Name { get; } = name;

    /// <summary>First offset found; -1 when there is none.</summary>
    public long First { get; internal set; } = -1;

    /// <summary>End of the offsets found, exclusive.</summary>
    public long End { get; internal set; }

    public long Batches { get; internal set; }
    public long Records { get; internal set; }

    /// <summary>Bytes of batches.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Offsets between first and end that no batch covers: damage, compaction, aborted batches.</summary>
    public long MissingOffsets { get; internal set; }

    /// <summary>Position in the journal behind its newest frame so far.</summary>
    internal long Position { get; set; }
}
