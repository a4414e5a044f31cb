using Edge.Log;
using System.Text;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Testing.Simulation;

/// <summary>A commit item with the memory of what it asked for: batches and table changes that must be found together or not at all.</summary>
public sealed class ModelItem(int number, IReadOnlyList<ModelBatch> batches, IReadOnlyList<ModelPut> puts) : CommitItem
{
    private Journal? _journal;
    private int _completions;

    public int Number => number;
    public IReadOnlyList<ModelBatch> Batches => batches;
    public IReadOnlyList<ModelPut> Puts => puts;
    public override int SizeBytes { get; } = batches.Sum(b => b.Bytes.Length) + puts.Sum(p => 400 + p.Key.Length + (p.Value?.Length ?? 0));

    public override bool MayDropOldest => batches.Any(b => _journal!.Topics.TryGet(b.Topic, out Topic topic) && topic.Config.Full == FullPolicy.DropOldest);

    public CommitOutcome? Outcome { get; private set; }
    public bool IsWritten { get; private set; }

    /// <summary>The broker's view: it told its client that the item is safe.</summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>Answered with a refusal before anything was written: it must never show.</summary>
    public bool IsRefused => !IsWritten && Outcome is { IsDurable: false };

    /// <summary>Planted bug: acknowledge when the bytes were handed over, not when they are durable.</summary>
    public bool AcknowledgesOnWrite { get; init; }

    public void Submit(Journal journal)
    {
        _journal = journal;
        journal.Submit(this);
    }

    public override void Write(ICommitWriter writer)
    {
        if (IsWritten) throw new InvalidOperationException($"Item {number} was written twice.");
        IsWritten = true;
        foreach (ModelBatch batch in batches)
        {
            if (!_journal!.Topics.TryGet(batch.Topic, out Topic topic)) throw new InvalidOperationException($"Topic {batch.Topic} is gone.");
            byte[] copy = [.. batch.Bytes]; // the journal stamps what it is given
            AppendStatus status = writer.Append(topic.Partitions[batch.Partition], copy, out long baseOffset);
            if (status != AppendStatus.Ok) throw new InvalidOperationException($"Append of item {number} was {status}.");
            batch.BaseOffset = baseOffset;
        }
        foreach (ModelPut put in puts) writer.Put(_journal!.GetTable(put.Table), Encoding.UTF8.GetBytes(put.Key), put.Value is { } value ? value : default(ReadOnlyMemory<byte>?));
        IsAcknowledged = AcknowledgesOnWrite;
    }

    public override void Complete(CommitOutcome outcome)
    {
        if (Interlocked.Increment(ref _completions) != 1) throw new InvalidOperationException($"Item {number} was completed twice.");
        Outcome = outcome;
        IsAcknowledged |= outcome.IsDurable;
        _journal = null;
    }
}
