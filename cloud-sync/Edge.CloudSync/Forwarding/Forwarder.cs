using System.Net.NetworkInformation;
using Edge.CloudSync.Centre;
using Edge.CloudSync.Cursors;
using Edge.Log;
using Edge.Log.Readers;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>Carries durable records to the centre: one loop through the states of <see cref="ForwarderTransitions"/>.</summary>
/// <remarks>A producer lives from Opening to Closing. Whatever fails ends it, and the next one starts at the cursors: order is kept because nothing is ever
/// sent again out of the middle.</remarks>
internal sealed partial class Forwarder : IDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5), DisposeTime = TimeSpan.FromSeconds(10), IdleTick = TimeSpan.FromSeconds(1);
    private const int SmallestBatchBytes = 4 << 10, GatherBytes = 256 << 10;

    private readonly Journal _journal;
    private readonly SyncOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CursorStore _cursors;
    private readonly CentreProbe _probe;
    private readonly Backoff _backoff;
    private readonly JournalReader _reader;
    private readonly RecordMapper _mapper;
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stopping = new();
    private CancellationTokenSource _interrupt = new(); // cancelled by stop and pause
    private ProducerSession? _session;
    private int _batchBytes;
    private volatile bool _isPauseWanted, _isAbandoned;
    private volatile int _state;
    private int _hasNetworkChanged;
    private long _lastFlush, _lastRefresh;
    private bool _isPlaced;
    private JournalEntry? _current; // read, not handed on completely; valid until the next call of the reader
    private (string Topic, SourcePartition Source) _lookup;

    public Forwarder(Journal journal, SyncOptions options, TimeProvider time, ILogger logger)
    {
        (_journal, _options, _time, _logger) = (journal, options, time, logger);
        _cursors = new CursorStore(journal, logger);
        Sources = new SourceMap(journal, options, _cursors);
        _probe = new CentreProbe(options, journal.DeviceId);
        _backoff = new Backoff(options.BackoffMin, options.BackoffMax, Random.Shared);
        _mapper = new RecordMapper(journal.DeviceId);
        _batchBytes = options.MaxBatchBytes;
        _reader = journal.OpenReader(0, Wants);
    }

    public SourceMap Sources { get; }
    public ForwardCounters Counters { get; } = new();
    public SyncState State => (SyncState)_state;
    public long InFlight => _session?.InFlightRecords ?? 0;

    /// <summary>What went wrong last, with its time; null when nothing did.</summary>
    public SyncProblem? LastError { get; private set; }

    public void Pause()
    {
        _isPauseWanted = true;
        Interrupt();
    }

    public void Resume()
    {
        _isPauseWanted = false;
        _wake.Set();
    }

    public void Stop()
    {
        _stopping.Cancel();
        Interrupt();
    }

    /// <summary>For tests: from now on nothing is drained and no cursor written.</summary>
    public void Abandon() => _isAbandoned = true;

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
                if (from != State) LogState(_logger, State, next);
                next = State switch
                {
                    SyncState.Probing => await ProbeAsync().ConfigureAwait(false),
                    SyncState.Waiting => await BackOffAsync().ConfigureAwait(false),
                    SyncState.Opening => await OpenAsync().ConfigureAwait(false),
                    SyncState.Forwarding => await ForwardAsync().ConfigureAwait(false),
                    SyncState.Closing => await CloseAsync().ConfigureAwait(false),
                    SyncState.Paused => await HoldAsync().ConfigureAwait(false),
                    _ => ForwarderEvent.Stop,
                };
            }
            while (State != SyncState.Stopped);
        }
        finally
        {
            NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        }
    }

    public void Dispose()
    {
        Sources.Dispose();
        _reader.Dispose();
        _stopping.Dispose();
    }

    private ForwarderEvent? Wanted => _stopping.IsCancellationRequested ? ForwarderEvent.Stop : _isPauseWanted ? ForwarderEvent.Pause : null;

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
        TimeSpan pause = _backoff.Next();
        long start = _time.GetTimestamp();
        _wake.Reset();
        while (true)
        {
            if (Wanted is { } wanted) return wanted;
            TimeSpan left = pause - _time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || Interlocked.Exchange(ref _hasNetworkChanged, 0) == 1) return ForwarderEvent.BackoffElapsed;
            await _wake.WaitAsync(left, _time).ConfigureAwait(false);
            _wake.Reset();
        }
    }

    private async Task<ForwarderEvent> OpenAsync()
    {
        try
        {
            _session = new ProducerSession(_options, _journal.DeviceId, _batchBytes, _time, _wake, Counters, _logger);
            Counters.SessionOpened();
            Rewind();
            await Task.Yield();
            return Wanted ?? ForwarderEvent.SessionOpened;
        }
        catch (Exception e) when (e is Confluent.Kafka.KafkaException or InvalidOperationException or ArgumentException)
        {
            Note($"No producer: {e.Message}");
            return ForwarderEvent.SessionFailed;
        }
    }

    /// <summary>Writes the cursors and disposes the producer, on a helper thread with a time limit: a hung client must not hold the loop.</summary>
    private async Task<ForwarderEvent> CloseAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            if (session.Fault is { } fault) Note(fault);
            if (session.HasDelivered) _backoff.Reset();
            if (session.WantsSmallerBatches) _batchBytes = Math.Max(SmallestBatchBytes, _batchBytes / 2);
            Task disposal = Task.Run(session.Dispose);
            if (await Task.WhenAny(disposal, Task.Delay(DisposeTime, _time)).ConfigureAwait(false) != disposal) LogSlowDisposal(_logger, DisposeTime);
            else if (disposal.Exception is { } broken) Note($"Disposing the producer failed: {broken.InnerException?.Message}");
        }
        Rewind();
        if (!_isAbandoned) await _cursors.Flush(Sources.All, source => source.ResumeSequence).ConfigureAwait(false);
        if (!_isAbandoned) await _cursors.Flush(Sources.All, source => source.ResumeSequence).ConfigureAwait(false); // what moved while an earlier write ran
        return Wanted switch
        {
            ForwarderEvent.Stop => ForwarderEvent.ClosedToStop,
            ForwarderEvent.Pause => ForwarderEvent.ClosedToPause,
            _ => ForwarderEvent.ClosedToRetry,
        };
    }

    private async Task<ForwarderEvent> HoldAsync()
    {
        while (true)
        {
            _wake.Reset();
            if (_stopping.IsCancellationRequested) return ForwarderEvent.Stop;
            if (!_isPauseWanted) return ForwarderEvent.Resume;
            await _wake.WaitAsync(TimeSpan.FromSeconds(30), _time).ConfigureAwait(false);
        }
    }

    private void OnNetworkChanged(object? sender, EventArgs e)
    {
        Interlocked.Exchange(ref _hasNetworkChanged, 1); // a new route may be the way back: ask at once
        _wake.Set();
    }

    /// <summary>A token that pause and stop cancel.</summary>
    private CancellationToken Interruption()
    {
        if (_interrupt.IsCancellationRequested) Interlocked.Exchange(ref _interrupt, new CancellationTokenSource());
        if (Wanted is not null) Interrupt(); // asked for between the check and the new source
        return _interrupt.Token;
    }

    private void Interrupt()
    {
        Volatile.Read(ref _interrupt).Cancel();
        _wake.Set();
    }

    private void Note(string problem)
    {
        if (LastError?.Text != problem) LogProblem(_logger, problem);
        LastError = new SyncProblem(problem, _time.GetUtcNow());
    }

    [LoggerMessage(EventId = 4130, Level = LogLevel.Information, Message = "Sync is {State} ({Event})")]
    private static partial void LogState(ILogger logger, SyncState state, ForwarderEvent @event);

    [LoggerMessage(EventId = 4131, Level = LogLevel.Warning, Message = "Sync: {Problem}")]
    private static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(EventId = 4132, Level = LogLevel.Warning, Message = "The producer did not end within {Limit}; it is left behind")]
    private static partial void LogSlowDisposal(ILogger logger, TimeSpan limit);
}
