using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.State;

namespace Edge.Log.Topics;

/// <summary>Moves one log start up on an operator's or client's word. Decided on the writer thread, durable with its gap record or not at all.</summary>
internal sealed class TrimItem(Journal journal, Partition partition, long offset, bool force) : CommitItem
{
    private readonly TaskCompletionSource<TrimResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrimStatus _status = TrimStatus.Failed;

    public Task<TrimResult> Completion => _completion.Task;
    public override int SizeBytes => StartOffsets.PutBytes + GapTable.BytesPerGap + 1200; // and both tables' own entries
    public override int MaxBatches => 4;
    public override bool UsesReserve => true;

    public override void Write(ICommitWriter writer)
    {
        long to = offset == -1 ? partition.HighWatermark : offset;
        _status = to < 0 || to > partition.HighWatermark || partition.Topic.IsDeleted ? TrimStatus.OffsetOutOfRange
            : to > partition.RetentionFloor && to > partition.LogStartOffset && !force ? TrimStatus.NotForwarded
            : TrimStatus.Ok;
        if (_status == TrimStatus.Ok && to > partition.LogStartOffset) journal.MoveStart(writer, new StartMove(partition, to, GapReason.Trimmed));
    }

    public override void Complete(CommitOutcome outcome) =>
        _completion.TrySetResult(new TrimResult(outcome.IsDurable ? _status : TrimStatus.Failed, partition.LogStartOffset));
}
