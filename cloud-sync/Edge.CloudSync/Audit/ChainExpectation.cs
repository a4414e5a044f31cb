namespace Edge.CloudSync.Audit;

/// <summary>A device's own account of one partition.</summary>
/// <param name="Log">Lineage of its journal.</param>
/// <param name="Topic">Local topic.</param>
/// <param name="From">First offset that should be at the centre.</param>
/// <param name="To">End, exclusive: the log end offset. Offsets between the last one delivered and it count as lost, control batches too.</param>
public sealed record ChainExpectation(string Device, string Log, string Topic, int Partition, long From, long To);
