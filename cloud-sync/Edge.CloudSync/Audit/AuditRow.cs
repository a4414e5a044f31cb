namespace Edge.CloudSync.Audit;

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
