using System.Net.NetworkInformation;
using Edge.CloudSync.Centre;
using Edge.CloudSync.Cursors;
using Edge.Log;
using Edge.Log.Readers;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>Carries durable records to the centre: one loop through the states of <see cref="ForwarderTransitions"/>. What the two modes of delivery share.</summary>
/// <remarks>A producer lives from Opening to Closing. Whatever fails ends it, and the next one starts at the cursors: order is kept because nothing is ever
/// sent again out of the middle.</remarks>
internal abstract partial class ForwarderLoop : IDisposable
{
    protected static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5), DisposeTime = TimeSpan.FromSeconds(10), IdleTick = TimeSpan.FromSeconds(1);
    protected const int SmallestBatchBytes = 4 << 10, GatherBytes = 256 << 10;

    private readonly CentreProbe _probe;
    private readonly CancellationTokenSource _stopping = new();
    private CancellationTokenSource _interrupt = new(); // cancelled by stop and pause
    private volatile bool _isPauseWanted;
    private volatile int _state;
    private int _hasNetworkChanged;

    protected ForwarderLoop(Journal journal, SyncOptions options, TimeProvider time, ILogger logger)
    {
        (Journal, Options, Time, Logger) = (journal, options, time, logger);
        Cursors = new CursorStore(journal, options.Delivery == SyncOptions.AtLeastOnce, logger);
        Sources = new SourceMap(journal, options, Cursors);
        _probe = new CentreProbe(options, journal.DeviceId);
        Backoff = new Backoff(options.BackoffMin, options.BackoffMax, Random.Shared);
        Mapper = new RecordMapper(journal.DeviceId);
        BatchBytes = options.MaxBatchBytes;
        Reader = journal.OpenReader(0, partition => Sources.Find(partition) is { IsHeldBack: false });
    }

    protected Journal Journal { get; }
    protected SyncOptions Options { get; }
    protected TimeProvider Time { get; }
    protected ILogger Logger { get; }
    protected CursorStore Cursors { get; }
    protected Backoff Backoff { get; }
    protected JournalReader Reader { get; }
    protected RecordMapper Mapper { get; }
    protected WakeSignal Wake { get; } = new();

    /// <summary>Most bytes of one produce request; halved when the centre finds batches too large.</summary>
    protected int BatchBytes { get; set; }

    /// <summary>Set by tests that stop as a kill would.</summary>
    protected bool IsAbandoned { get; private set; }

    public SourceMap Sources { get; }
    public ForwardCounters Counters { get; } = new();
    public SyncState State => (SyncState)_state;
    public abstract long InFlight { get; }

    /// <summary>What went wrong last, with its time; null when nothing did.</summary>
    public SyncProblem? LastError { get; protected set; }

    public void Pause()
    {
        _isPauseWanted = true;
        Interrupt();
    }

    public void Resume()
    {
        _isPauseWanted = false;
        Wake.Set();
    }

    public void Stop()
    {
        _stopping.Cancel();
        Interrupt();
    }

    /// <summary>For tests: from now on nothing is drained and no cursor written.</summary>
    public void Abandon() => IsAbandoned = true;

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    public async Task RunAsync()
    {
        NetworkChange.NetworkAddressChanged += OnNetworkChanged;
        try
        {
            ForwarderEvent next = ForwarderEvent.Start;
            do
            {
                SyncState from = State;
                _state = (int)ForwarderTransitions.Next(from, next);
                if (from != State) LogState(Logger, State, next);
                next = State switch
                {
                    SyncState.Probing => await ProbeAsync().ConfigureAwait(false),
                    SyncState.Waiting => await BackOffAsync().ConfigureAwait(false),
                    SyncState.Paused => await HoldAsync().ConfigureAwait(false),
                    SyncState.Stopped => ForwarderEvent.Stop,
                    SyncState state => await StepAsync(state).ConfigureAwait(false),
                };
            }
            while (State != SyncState.Stopped);
        }
        finally
        {
            NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        }
    }

    public virtual void Dispose()
    {
        Sources.Dispose();
        Reader.Dispose();
        _stopping.Dispose();
    }

    /// <summary>What a state that owns a producer does.</summary>
    protected abstract Task<ForwarderEvent> StepAsync(SyncState state);

    /// <summary>What an operator or the host asked for; null: go on.</summary>
    protected ForwarderEvent? Wanted => _stopping.IsCancellationRequested ? ForwarderEvent.Stop : _isPauseWanted ? ForwarderEvent.Pause : null;

    private async Task<ForwarderEvent> ProbeAsync()
    {
        if (Wanted is { } wanted) return wanted;
        try
        {
            string? problem = await _probe.AskAsync(Interruption()).ConfigureAwait(false);
            if (problem is null) return ForwarderEvent.CentreReachable;
            Note($"The centre does not answer: {problem}");
            return ForwarderEvent.CentreUnreachable;
        }
        catch (OperationCanceledException)
        {
            return Wanted ?? ForwarderEvent.CentreUnreachable;
        }
    }

    private async Task<ForwarderEvent> BackOffAsync()
    {
        TimeSpan pause = Backoff.Next();
        long start = Time.GetTimestamp();
        Wake.Reset();
        while (true)
        {
            if (Wanted is { } wanted) return wanted;
            TimeSpan left = pause - Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || Interlocked.Exchange(ref _hasNetworkChanged, 0) == 1) return ForwarderEvent.BackoffElapsed;
            await Wake.WaitAsync(left, Time).ConfigureAwait(false);
            Wake.Reset();
        }
    }

    /// <summary>Disposes a producer on a helper thread with a time limit: a hung client must not hold the loop.</summary>
    protected async Task DisposeAsync(IDisposable session)
    {
        Task disposal = Task.Run(session.Dispose);
        if (await Task.WhenAny(disposal, Task.Delay(DisposeTime, Time)).ConfigureAwait(false) != disposal) LogSlowDisposal(Logger, DisposeTime);
        else if (disposal.Exception is { } broken) Note($"Disposing the producer failed: {broken.InnerException?.Message}");
    }

    /// <summary>Sync:Linger: few full requests instead of many small ones. A backlog never waits here.</summary>
    /// <param name="isOver">True when there is no more sense in gathering: the producer broke.</param>
    protected async Task GatherAsync(Func<bool> isOver)
    {
        long start = Time.GetTimestamp(), bytes = Journal.Statistics.PayloadBytes;
        long enough = Math.Min(GatherBytes, Options.MaxBatchBytes);
        while (Wanted is null && !isOver() && Journal.Statistics.PayloadBytes - bytes < enough)
        {
            TimeSpan left = Options.Linger - Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return;
            TimeSpan slice = TimeSpan.FromMilliseconds(50);
            Wake.Reset();
            await Wake.WaitAsync(left < slice ? left : slice, Time).ConfigureAwait(false);
        }
    }

    private async Task<ForwarderEvent> HoldAsync()
    {
        while (true)
        {
            Wake.Reset();
            if (_stopping.IsCancellationRequested) return ForwarderEvent.Stop;
            if (!_isPauseWanted) return ForwarderEvent.Resume;
            await Wake.WaitAsync(TimeSpan.FromSeconds(30), Time).ConfigureAwait(false);
        }
    }

    private void OnNetworkChanged(object? sender, EventArgs e)
    {
        Interlocked.Exchange(ref _hasNetworkChanged, 1); // a new route may be the way back: ask at once
        Wake.Set();
    }

    /// <summary>A token that pause and stop cancel.</summary>
    protected CancellationToken Interruption()
    {
        if (_interrupt.IsCancellationRequested) Interlocked.Exchange(ref _interrupt, new CancellationTokenSource());
        if (Wanted is not null) Interrupt(); // asked for between the check and the new source
        return _interrupt.Token;
    }

    protected void Interrupt()
    {
        Volatile.Read(ref _interrupt).Cancel();
        Wake.Set();
    }

    protected void Note(string problem)
    {
        if (LastError?.Text != problem) LogProblem(Logger, problem);
        LastError = new SyncProblem(problem, Time.GetUtcNow());
    }

    [LoggerMessage(EventId = 4130, Level = LogLevel.Information, Message = "Sync is {State} ({Event})")]
    private static partial void LogState(ILogger logger, SyncState state, ForwarderEvent @event);

    [LoggerMessage(EventId = 4131, Level = LogLevel.Warning, Message = "Sync: {Problem}")]
    private static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(EventId = 4132, Level = LogLevel.Warning, Message = "The producer did not end within {Limit}; it is left behind")]
    private static partial void LogSlowDisposal(ILogger logger, TimeSpan limit);
}
