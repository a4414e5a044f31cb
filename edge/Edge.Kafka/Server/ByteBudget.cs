namespace Edge.Kafka.Server;

/// <summary>A bound on bytes held at a time. First come, first served: a large request is not overtaken for ever by small ones.</summary>
internal sealed class ByteBudget
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly int _total;
    private int _free;

    public ByteBudget(int totalBytes) => _total = _free = totalBytes;

    private sealed record Waiter(int Bytes, TaskCompletionSource Done);

    public int Free { get { lock (_lock) return _free; } }

    public bool TryTake(int bytes)
    {
        lock (_lock)
        {
            if (_waiters.Count > 0 || bytes > _free) return false;
            _free -= bytes;
            return true;
        }
    }

    /// <summary>Completes when the bytes are taken; they must be given back with <see cref="Return"/>. What is larger than the whole budget takes all of it.</summary>
    /// <returns>Bytes taken.</returns>
    public async ValueTask<int> TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        bytes = Math.Min(bytes, _total);
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_waiters.Count == 0 && bytes <= _free)
            {
                _free -= bytes;
                return bytes;
            }
            node = _waiters.AddLast(new Waiter(bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), node.Value.Done))
        {
            try
            {
                await node.Value.Done.Task.ConfigureAwait(false);
                return bytes;
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                {
                    if (node.List is not null) _waiters.Remove(node);
                    Grant();
                }
                throw;
            }
        }
    }

    public void Return(int bytes)
    {
        if (bytes == 0) return;
        lock (_lock)
        {
            _free += bytes;
            Grant();
        }
    }

    // The completion source decides: one that was cancelled first is never charged.
    private void Grant()
    {
        while (_waiters.First is { } first && first.Value.Bytes <= _free)
        {
            _waiters.RemoveFirst();
            if (first.Value.Done.TrySetResult()) _free -= first.Value.Bytes;
        }
    }
}
