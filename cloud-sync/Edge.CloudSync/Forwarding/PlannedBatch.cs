using Edge.Log.Records;

namespace Edge.CloudSync.Forwarding;

/// <summary>A stored batch of which a transaction sends the records with offsets of [From, To). Its records are a copy, unpacked.</summary>
internal readonly record struct PlannedBatch(SourcePartition Source, RecordBatchHeader Header, ReadOnlyMemory<byte> Records, long From, long To);
