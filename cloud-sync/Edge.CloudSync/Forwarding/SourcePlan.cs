using Edge.CloudSync.Cursors;

namespace Edge.CloudSync.Forwarding;

/// <summary>What one transaction does to one source partition: the cursor it will have.</summary>
internal sealed class SourcePlan(SourcePartition source)
{
    public SourcePartition Source { get; } = source;

    /// <summary>First offset of the transaction.</summary>
    public long From { get; } = source.NextToRead;

    /// <summary>End, exclusive: the cursor after the commit.</summary>
    public long Next { get; set; } = source.NextToRead;

    /// <summary>Offset sent last after the commit.</summary>
    public long Previous { get; set; } = source.LastSent;

    public BootTrail Boots { get; set; } = source.Boots;
    public int Records { get; set; }

    public CentralCursor ToCursor(int routing) => new(Next, Previous, Source.Sequence + 1, Boots, routing);
}
