using Edge.Log.Topics;

namespace Edge.Log.Readers;

/// <summary>One batch as <see cref="JournalReader"/> hands it out.</summary>
/// <param name="Batch">A whole RecordBatch v2; valid until the next call on the reader.</param>
public readonly record struct JournalEntry(Partition Partition, long IngestSequence, long BaseOffset, long LastOffset, ReadOnlyMemory<byte> Batch);
