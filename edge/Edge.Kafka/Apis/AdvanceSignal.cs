using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Completes when the high watermark of one of several partitions moved. One wait; dispose to stop listening.</summary>
internal sealed class AdvanceSignal : IDisposable
{
    private readonly TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable> _registrations = [];

    public void Add(Partition partition) => _registrations.Add(partition.OnAdvanced(() => _moved.TrySetResult()));

    /// <summary>Ends at the latest after <paramref name="timeout"/>.</summary>
    public async Task WaitAsync(TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        try
        {
            await _moved.Task.WaitAsync(timeout, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The client is answered with what there is.
        }
    }

    public void Dispose()
    {
        foreach (IDisposable registration in _registrations) registration.Dispose();
        _registrations.Clear();
    }
}
