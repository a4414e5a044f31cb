namespace Edge.CloudSync.Forwarding;

/// <summary>Wakes the one forwarder loop from any thread. Setting it twice wakes once.</summary>
internal sealed class WakeSignal
{
    private TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next <see cref="Set"/> since the last <see cref="Reset"/>.</summary>
    public Task Task => Volatile.Read(ref _source).Task;

    public void Set() => Volatile.Read(ref _source).TrySetResult();

    /// <summary>Arms it again. The owner resets first and looks at what it waits for afterwards, so that no wake is missed.</summary>
    public void Reset()
    {
        if (Volatile.Read(ref _source).Task.IsCompleted) Volatile.Write(ref _source, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>Waits for a wake, for <paramref name="other"/> or for the time.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider timeProvider, Task? other = null)
    {
        using var timer = new CancellationTokenSource();
        Task pause = System.Threading.Tasks.Task.Delay(longest, timeProvider, timer.Token);
        await (other is null ? System.Threading.Tasks.Task.WhenAny(Task, pause) : System.Threading.Tasks.Task.WhenAny(Task, pause, other)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
    }
}
