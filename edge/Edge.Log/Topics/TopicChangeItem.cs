using System.Text;
using Edge.Log.Commit;
using Edge.Log.State;

namespace Edge.Log.Topics;

/// <summary>A change of one topic, decided on the writer thread so that it sees every append before it and none after.</summary>
internal sealed class TopicChangeItem(KeyedTable table, string name, Func<int> bytes, Func<(TopicChangeStatus Status, string? Reason, TopicEntry? Entry)> decide, Action<ICommitWriter>? andAlso) : CommitItem
{
    private readonly TaskCompletionSource<TopicChange> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TopicChange _decision;

    public Task<TopicChange> Completion => _completion.Task;

    public override int SizeBytes => bytes();
    public override int MaxBatches => 2;
    public override bool UsesReserve => true;

    public override void Write(ICommitWriter writer)
    {
        (TopicChangeStatus status, string? reason, TopicEntry? entry) = decide();
        _decision = new TopicChange(status, null, reason);
        if (entry is null) return;
        writer.Put(table, Encoding.UTF8.GetBytes(name), entry.ToBytes());
        andAlso?.Invoke(writer);
    }

    public override void Complete(CommitOutcome outcome) => _completion.TrySetResult(
        outcome.IsDurable ? _decision : new TopicChange(TopicChangeStatus.Failed, null, $"The change of topic '{name}' was not stored ({outcome.Status})."));
}
