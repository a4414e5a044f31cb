using System.Collections.Concurrent;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Sampling;

/// <summary>The one thread of a bus: what its sensors do on it happens one after the other, in the order asked for.</summary>
/// <remarks>A driver that hangs in the kernel keeps its bus, as it does in truth; who waits gives up in time, and other buses go on.</remarks>
internal sealed class BusWorker : IDisposable
{
    /// <summary>Failures in a row, over all sensors of the bus, that look like a stuck line.</summary>
    internal const int RecoverAfter = 3;

    private static readonly TimeSpan MinRecoveryPause = TimeSpan.FromSeconds(10), MaxRecoveryPause = TimeSpan.FromMinutes(10);

    private readonly BlockingCollection<Job> _jobs = new(2 * SensorOptionsValidator.MaxSensors);
    private readonly TimeProvider _timeProvider;
    private readonly Func<string>? _recover;
    private readonly Action<string, string?, Exception?>? _recovered;
    private long _failures, _recoveries, _failedRecoveries, _lastRecovery;
    private int _stuckInARow;
    private TimeSpan _recoveryPause = MinRecoveryPause;
    private volatile string? _busyWith;

    /// <param name="recover">Frees the bus; null when it has nothing that can get stuck.</param>
    /// <param name="recovered">Told the bus, what was done, or why it did not help.</param>
    public BusWorker(string name, TimeProvider timeProvider, Func<string>? recover = null, Action<string, string?, Exception?>? recovered = null)
    {
        (Name, _timeProvider, _recover, _recovered) = (name, timeProvider, recover, recovered);
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    public string Name { get; }

    public BusStatus Status => new(Name, Interlocked.Read(ref _failures), Interlocked.Read(ref _recoveries), Interlocked.Read(ref _failedRecoveries), _busyWith);

    /// <summary>Runs on the bus' thread. What had not begun when the wait was over never begins.</summary>
    /// <exception cref="TimeoutException">Not done within <paramref name="timeout"/>; the message says what the bus is busy with.</exception>
    public async Task<T> RunAsync<T>(string what, Func<T> action, TimeSpan timeout, Action onEnd, CancellationToken cancellationToken)
    {
        var job = new Job<T>(what, action, onEnd);
        bool isQueued;
        try { isQueued = _jobs.TryAdd(job); }
        catch (InvalidOperationException) { isQueued = false; } // completed: the appliance stops
        if (!isQueued)
        {
            onEnd();
            throw new TimeoutException($"bus {Name} takes no more work");
        }
        try { return await job.Completion.WaitAsync(timeout, _timeProvider, cancellationToken).ConfigureAwait(false); }
        catch (TimeoutException) when (job.TryAbandon())
        {
            throw new TimeoutException($"bus {Name} is busy with '{_busyWith}'");
        }
        catch (OperationCanceledException)
        {
            job.TryAbandon();
            throw;
        }
    }

    /// <summary>The thread ends after what it is at; it is never waited for, since it may hang.</summary>
    public void Dispose() => _jobs.CompleteAdding();

    private void Run()
    {
        foreach (Job job in _jobs.GetConsumingEnumerable())
        {
            _busyWith = job.What;
            Exception? failure = job.Run();
            _busyWith = null;
            if (failure is null) (_stuckInARow, _recoveryPause) = (0, MinRecoveryPause);
            else if (FaultOf(failure) is { } fault) NoteFailure(fault);
        }
    }

    private void NoteFailure(BusFault fault)
    {
        Interlocked.Increment(ref _failures);
        if (fault is not (BusFault.Stuck or BusFault.Transfer)) { _stuckInARow = 0; return; }
        if (++_stuckInARow < RecoverAfter || _recover is null) return;
        if (_lastRecovery != 0 && _timeProvider.GetElapsedTime(_lastRecovery) < _recoveryPause) return;
        _recoveryPause = _lastRecovery == 0 || _recoveryPause * 2 < MaxRecoveryPause ? _recoveryPause * 2 : MaxRecoveryPause;
        _lastRecovery = _timeProvider.GetTimestamp();
        _stuckInARow = 0;
        try
        {
            string done = _recover();
            Interlocked.Increment(ref _recoveries);
            _recovered?.Invoke(Name, done, null);
        }
        catch (Exception e) // whatever recovery meets, the bus' sensors are tried again
        {
            Interlocked.Increment(ref _failedRecoveries);
            _recovered?.Invoke(Name, null, e);
        }
    }

    private static BusFault? FaultOf(Exception e) => e is BusException bus ? bus.Fault : e.InnerException is { } inner ? FaultOf(inner) : null;

    private abstract class Job(string what, Action onEnd)
    {
        private int _state; // 0 waiting, 1 begun, 2 abandoned

        public string What { get; } = what;

        public bool TryAbandon()
        {
            if (Interlocked.CompareExchange(ref _state, 2, 0) != 0) return false;
            onEnd();
            return true;
        }

        public Exception? Run()
        {
            if (Interlocked.CompareExchange(ref _state, 1, 0) != 0) return null;
            try { return Execute(); }
            finally { onEnd(); }
        }

        protected abstract Exception? Execute();
    }

    private sealed class Job<T>(string what, Func<T> action, Action onEnd) : Job(what, onEnd)
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Completion => _completion.Task;

        protected override Exception? Execute()
        {
            try
            {
                _completion.SetResult(action());
                return null;
            }
            catch (Exception e)
            {
                _completion.SetException(e);
                _ = _completion.Task.Exception; // whoever gave up waiting does not observe it
                return e;
            }
        }
    }
}
