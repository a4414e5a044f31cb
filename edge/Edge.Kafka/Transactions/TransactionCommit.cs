using System.Text;
using Edge.Kafka.Groups;
using Edge.Log.Commit;
using Edge.Log.Topics;
using Edge.Log.Transactions;

namespace Edge.Kafka.Transactions;

/// <summary>One step of a transaction as one commit group: markers, the group offsets that go with them, and the transaction's state, all or nothing.</summary>
/// <remarks>Uses the reserve: an open transaction must be able to end when the disk is full.</remarks>
internal sealed class TransactionCommit : CommitItem
{
    private const int PutOverheadBytes = 160;
    private readonly TaskCompletionSource<CommitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required KeyedTable Table { get; init; }
    public required string Id { get; init; }

    /// <summary>Null removes the id.</summary>
    public required byte[]? State { get; init; }

    /// <summary>Partitions whose transaction ends, with the epoch their markers carry.</summary>
    public IReadOnlyList<Partition> Close { get; init; } = [];
    public bool IsCommit { get; init; }
    public short MarkerEpoch { get; init; }

    /// <summary>Partitions that join the transaction.</summary>
    public IReadOnlyList<Partition> Open { get; init; } = [];

    /// <summary>Producer of the markers and of what is opened.</summary>
    public long ProducerId { get; init; }
    public KeyedTable? OffsetsTable { get; init; }
    public IReadOnlyList<KeyValuePair<OffsetKey, CommittedOffset>> Offsets { get; init; } = [];

    public Task<CommitOutcome> Done => _done.Task;
    public override bool UsesReserve => true;
    public override int MaxBatches => Close.Count + Offsets.Count + 4;

    public override int SizeBytes
    {
        get
        {
            int size = 1024 + Close.Count * ControlBatch.MaxBytes + Encoding.UTF8.GetByteCount(Id) + (State?.Length ?? 0);
            foreach ((OffsetKey key, CommittedOffset offset) in Offsets)
                size += PutOverheadBytes + 3 * (key.Group.Length + key.Topic.Length + offset.Metadata.Length);
            return size;
        }
    }

    public override void Write(ICommitWriter writer)
    {
        foreach (Partition partition in Close) writer.CloseTransaction(partition, ProducerId, MarkerEpoch, IsCommit);
        foreach ((OffsetKey key, CommittedOffset offset) in Offsets) writer.Put(OffsetsTable!, Encoding.UTF8.GetBytes(key.ToString()), offset.Encode());
        writer.Put(Table, Encoding.UTF8.GetBytes(Id), State is null ? default(ReadOnlyMemory<byte>?) : State);
        foreach (Partition partition in Open) writer.OpenTransaction(partition, ProducerId, MarkerEpoch);
    }

    public override void Complete(CommitOutcome outcome) => _done.TrySetResult(outcome);
}
