namespace Edge.Log.Topics;

public sealed partial class Partition
{
    private readonly Lock _watcherLock = new();
    private Action[] _watchers = [];

    /// <summary>Calls back on the thread pool each time the high watermark moved. For long polls over many partitions; dispose to stop.</summary>
    public IDisposable OnAdvanced(Action callback)
    {
        lock (_watcherLock) _watchers = [.. _watchers, callback];
        return new Watch(this, callback);
    }

    /// <summary>Completes when the high watermark is above <paramref name="offset"/>; at once when it is already.</summary>
    public ValueTask WaitForDataAsync(long offset, CancellationToken cancellationToken) =>
        HighWatermark > offset ? ValueTask.CompletedTask : new ValueTask(WaitSlowAsync(offset, cancellationToken));

    internal bool HasWatchers => _watchers.Length > 0;

    internal void NotifyAdvanced()
    {
        foreach (Action watcher in _watchers)
            ThreadPool.UnsafeQueueUserWorkItem(static state => state(), watcher, preferLocal: false);
    }

    private async Task WaitSlowAsync(long offset, CancellationToken cancellationToken)
    {
        var advanced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable watch = OnAdvanced(() =>
        {
            if (HighWatermark > offset) advanced.TrySetResult();
        });
        if (HighWatermark > offset) return; // it moved before the watch was in place
        await advanced.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed class Watch(Partition partition, Action callback) : IDisposable
    {
        private bool _disposed;

        public void Dispose()
        {
            lock (partition._watcherLock)
            {
                if (_disposed) return;
                _disposed = true;
                var left = partition._watchers.ToList();
                left.Remove(callback);
                partition._watchers = [.. left];
            }
        }
    }
}
