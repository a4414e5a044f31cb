namespace Edge.CloudSync;

/// <summary>Forwarding of one local partition.</summary>
/// <param name="Next">First offset the centre has not confirmed.</param>
/// <param name="HighWatermark">Durable end, exclusive.</param>
/// <param name="CentralTopic">Where its records go.</param>
/// <param name="PausedReason">Why the centre does not get it now (topic missing, no rights); null when it flows.</param>
public sealed record PartitionSyncStatus(string Topic, int Partition, long Next, long HighWatermark, string CentralTopic, string? PausedReason);
