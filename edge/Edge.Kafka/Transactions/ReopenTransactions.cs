using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Kafka.Transactions;

/// <summary>After a restart: open transactions accept their producers again, and what belongs to no transaction any more is aborted.</summary>
internal sealed class ReopenTransactions(
    IReadOnlyList<(Partition Partition, long ProducerId, short Epoch)> open, IReadOnlyList<(Partition Partition, long ProducerId, short Epoch)> hanging) : CommitItem
{
    private readonly TaskCompletionSource<CommitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CommitOutcome> Done => _done.Task;
    public override int SizeBytes => hanging.Count * Log.Transactions.ControlBatch.MaxBytes;
    public override int MaxBatches => hanging.Count;
    public override bool UsesReserve => true;

    public override void Write(ICommitWriter writer)
    {
        foreach ((Partition partition, long producerId, short epoch) in hanging) writer.CloseTransaction(partition, producerId, epoch, isCommit: false);
        foreach ((Partition partition, long producerId, short epoch) in open) writer.OpenTransaction(partition, producerId, epoch);
    }

    public override void Complete(CommitOutcome outcome) => _done.TrySetResult(outcome);
}
