using Edge.Log.Topics;

namespace Edge.Log.Commit;

/// <summary>One ready-made batch as a commit item.</summary>
internal sealed class BatchAppend(Partition partition, Memory<byte> batch) : CommitItem
{
    private readonly TaskCompletionSource<AppendResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AppendStatus _status;
    private long _baseOffset = -1;

    public Task<AppendResult> Completion => _completion.Task;
    public override int SizeBytes => batch.Length;
    public override int MaxBatches => 1;
    public override bool MayDropOldest => partition.Topic.Config.Full == FullPolicy.DropOldest;

    public override void Write(ICommitWriter writer) => _status = writer.Append(partition, batch.Span, out _baseOffset);

    public override void Complete(CommitOutcome outcome) => _completion.TrySetResult(
        outcome.IsDurable ? new AppendResult(_status, _baseOffset, partition.LogStartOffset) : AppendResult.Refused(outcome.Status));
}
