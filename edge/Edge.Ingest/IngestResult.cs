namespace Edge.Ingest;

/// <summary>What became of one reading.</summary>
/// <param name="Offset">-1 unless <see cref="IngestStatus.Ok"/>.</param>
public readonly record struct IngestResult(IngestStatus Status, string Topic, int Partition, long Offset);
