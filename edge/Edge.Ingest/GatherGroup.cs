using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Ingest;

/// <summary>The records gathered while the journal was busy with the groups before: one batch per partition, one commit item.</summary>
/// <remarks>Filled under the pipeline's gather lock until the writer thread closes it; from then on it is the writer's.</remarks>
internal sealed class GatherGroup(IngestPipeline pipeline) : CommitItem
{
    public long Number { get; set; }
    public List<OpenBatch> Batches { get; } = [];
    public List<ICommitListener> Listeners { get; } = [];
    public List<TablePut> Puts { get; } = [];
    public bool IsClosed { get; set; }
    public bool IsSubmitted { get; set; }

    /// <summary>Upper bound of the bytes gathered so far; what admission control counts.</summary>
    public int Bytes { get; set; }

    public override int SizeBytes
    {
        get
        {
            pipeline.Close(this);
            int size = 0;
            foreach (OpenBatch batch in Batches) size += batch.Builder.SizeBytes;
            foreach (TablePut put in Puts) size += put.Key.Length + (put.Value?.Length ?? 0) + 128;
            return size;
        }
    }

    public override int MaxBatches => Batches.Count + (2 * Puts.Count);

    /// <summary>Changes of internal tables without a record (the release of a QoS 2 id) must go on when the disk is full.</summary>
    public override bool UsesReserve => Batches.Count == 0;

    public override bool MayDropOldest
    {
        get
        {
            foreach (OpenBatch batch in Batches)
                if (batch.Partition.Topic.Config.Full == FullPolicy.DropOldest) return true;
            return false;
        }
    }

    public override void Write(ICommitWriter writer)
    {
        foreach (OpenBatch batch in Batches)
        {
            AppendStatus status = writer.Append(batch.Partition, batch.Builder.Seal(), out long baseOffset);
            // The topic was deleted after the record was accepted: its records go with it, as those stored before went.
            batch.BaseOffset = status == AppendStatus.Ok ? baseOffset : -1;
        }
        foreach (TablePut put in Puts) writer.Put(put.Table, put.Key, put.Value);
    }

    /// <summary>Asks for the late values. Gather lock held.</summary>
    public void SettlePuts()
    {
        for (int i = 0; i < Puts.Count; i++)
            if (Puts[i].Late is { } late) Puts[i] = Puts[i] with { Value = late.Settle(), Late = null };
    }

    public override void Complete(CommitOutcome outcome)
    {
        pipeline.Completed(this, outcome);
    }

    public void Reset()
    {
        Batches.Clear();
        Listeners.Clear();
        Puts.Clear();
        IsClosed = IsSubmitted = false;
        Bytes = 0;
    }
}
