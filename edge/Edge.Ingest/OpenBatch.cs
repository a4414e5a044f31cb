using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Ingest;

/// <summary>A batch of one partition that records are added to until the journal takes its group.</summary>
internal sealed class OpenBatch
{
    public Partition Partition { get; set; } = null!;
    public RecordBatchBuilder Builder { get; } = new(16 << 10);

    /// <summary>Given by the journal when the batch is written.</summary>
    public long BaseOffset { get; set; } = -1;
}
