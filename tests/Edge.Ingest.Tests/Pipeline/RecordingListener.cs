using Edge.Log.Commit;

namespace Edge.Ingest.Tests.Pipeline;

/// <summary>Remembers which groups were answered and how.</summary>
internal sealed class RecordingListener : ICommitListener
{
    private readonly Lock _lock = new();
    private readonly List<(long Group, CommitOutcome Outcome)> _answers = [];
    private TaskCompletionSource _changed = NewSignal();

    public IReadOnlyList<(long Group, CommitOutcome Outcome)> Answers
    {
        get { lock (_lock) return [.. _answers]; }
    }

    public void OnCommitted(long group, CommitOutcome outcome)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            _answers.Add((group, outcome));
            (signal, _changed) = (_changed, NewSignal());
        }
        signal.SetResult();
    }

    public async Task<CommitOutcome> WaitForAsync(long group)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                foreach ((long answered, CommitOutcome outcome) in _answers)
                {
                    if (answered == group) return outcome;
                }
                changed = _changed.Task;
            }
            await changed.WaitAsync(PipelineHarness.Deadline);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
