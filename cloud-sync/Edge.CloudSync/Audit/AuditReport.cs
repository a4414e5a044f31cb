namespace Edge.CloudSync.Audit;

/// <summary>A range a policy removed before it was sent, as <c>edge.gaps</c> announces it.</summary>
/// <param name="To">End, exclusive.</param>
public sealed record AuditGap(long From, long To, long Count, string Reason);

/// <summary>What arrived of one chain: one partition of one device's journal.</summary>
/// <param name="Log">Lineage of the journal, 8 hex digits.</param>
/// <param name="Topic">Local topic.</param>
/// <param name="First">Lowest offset seen; -1 when none was.</param>
/// <param name="Last">Highest offset seen; -1 when none was.</param>
/// <param name="Delivered">Different offsets seen in the data topic or, as pointers, in <c>edge.deadletter</c>.</param>
/// <param name="DeadLettered">Those of <paramref name="Delivered"/> of which only a pointer arrived.</param>
/// <param name="Lost">Offsets the chain names or spans that are nowhere, and in no gap record.</param>
/// <param name="Duplicated">Records whose offset was seen before.</param>
/// <param name="Reordered">Records that came, for the first time, after a higher offset in the same central partition.</param>
public sealed record AuditRow(string Device, string Log, string Topic, int Partition, long First, long Last, long Delivered, long DeadLettered, long Lost, long Duplicated,
    long Reordered, IReadOnlyList<AuditGap> Gaps)
{
    public bool IsClean => Lost == 0 && Duplicated == 0 && Reordered == 0;
}

/// <summary>The outcome of an audit.</summary>
/// <param name="Rows">By device, log, topic and partition.</param>
/// <param name="RecordsRead">Records read in the data topic.</param>
/// <param name="WithoutId">Those of them without a readable <c>edge.id</c>: not forwarded by an appliance, no part of any chain.</param>
/// <param name="TrimmedPartitions">Central partitions whose start the centre's own retention removed: what was there is not judged.</param>
/// <param name="Elapsed">Time the reading took.</param>
public sealed record AuditReport(string Topic, IReadOnlyList<AuditRow> Rows, long RecordsRead, long WithoutId, int TrimmedPartitions, TimeSpan Elapsed)
{
    public long Delivered => Rows.Sum(row => row.Delivered);
    public long DeadLettered => Rows.Sum(row => row.DeadLettered);
    public long Lost => Rows.Sum(row => row.Lost);
    public long Duplicated => Rows.Sum(row => row.Duplicated);
    public long Reordered => Rows.Sum(row => row.Reordered);
    public bool IsClean => Rows.All(row => row.IsClean);

    /// <summary><c>ok</c>, or the worst that was found: <c>lost</c>, <c>reordered</c>, <c>duplicated</c>.</summary>
    public string Verdict => Lost > 0 ? "lost" : Reordered > 0 ? "reordered" : Duplicated > 0 ? "duplicated" : "ok";
}
