namespace Edge.CloudSync.Audit;

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
