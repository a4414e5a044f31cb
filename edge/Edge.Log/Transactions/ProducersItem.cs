using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Log.Transactions;

/// <summary>Looks at a partition's producers on the writer thread, which owns them. Writes nothing.</summary>
internal sealed class ProducersItem(Partition partition) : CommitItem
{
    private readonly TaskCompletionSource<IReadOnlyList<ActiveProducer>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ActiveProducer> _producers = [];

    public Task<IReadOnlyList<ActiveProducer>> Completion => _completion.Task;
    public override int SizeBytes => 0;
    public override int MaxBatches => 0;
    public override bool UsesReserve => true;
    public override void Write(ICommitWriter writer) => _producers = partition.Producers.Describe();
    public override void Complete(CommitOutcome outcome) => _completion.TrySetResult(_producers);
}
