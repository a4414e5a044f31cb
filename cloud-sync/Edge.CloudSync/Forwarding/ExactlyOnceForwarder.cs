using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Edge.CloudSync.Cursors;
using Edge.Log;
using Edge.Log.Readers;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>Delivery in transactions: the records and the cursors that say they were sent become visible at the centre together, or not at all.</summary>
/// <remarks>This part: the producer's life. Reconciling, Planning and Sending have a file each. docs/operations/sync.md explains the algorithm.</remarks>
internal sealed partial class ExactlyOnceForwarder : ForwarderLoop
{
    private static readonly TimeSpan CallSlice = TimeSpan.FromSeconds(2), AbortTime = TimeSpan.FromSeconds(10), InitTime = TimeSpan.FromSeconds(60);
    private static readonly Timestamp NoTimestamp = Timestamp.Default;

    private readonly string _lane = "default";
    private readonly string _incarnation = Guid.NewGuid().ToString("N")[..8];
    private readonly TransactionPlan _plan = new();
    private readonly CursorReader _centre;
    private TransactionSession? _session;
    private DeviceRecord? _deviceAtCentre;
    private bool _isIncarnationKnown, _mustWriteDevice, _mustReopen;
    private StartDecision? _halt;
    private volatile bool _isAdoptWanted;
    private long _safePosition; // every frame before it is at the centre, for each source that is not held back
    private long _lastFlush, _lastRefresh;
    private JournalEntry? _current; // read, not planned completely; valid until the next call of the reader
    private (string Topic, SourcePartition Source) _lookup;

    public ExactlyOnceForwarder(Journal journal, SyncOptions options, TimeProvider time, ILogger logger) : base(journal, options, time, logger) =>
        _centre = new CursorReader(options, journal.DeviceId);

    /// <summary>For the test that shows what the taint rule is for.</summary>
    internal bool IgnoresTaint { get; set; }

    public override long InFlight => State is SyncState.Sending or SyncState.Committing ? _plan.Records : 0;

    /// <summary>Why forwarding halted; null while it has not.</summary>
    public string? HaltReason => _halt?.Events[0];

    /// <summary>An operator said: this one is the device.</summary>
    public void Adopt()
    {
        _isAdoptWanted = true;
        Wake.Set();
    }

    protected override async Task<ForwarderEvent> StepAsync(SyncState state)
    {
        try
        {
            return state switch
            {
                SyncState.Opening => await OpenAsync().ConfigureAwait(false),
                SyncState.Reconciling => await ReconcileAsync(_session!).ConfigureAwait(false),
                SyncState.Forwarding => await ForwardAsync(_session!).ConfigureAwait(false),
                SyncState.Sending => await SendAsync(_session!).ConfigureAwait(false),
                SyncState.Committing => await CommitAsync(_session!).ConfigureAwait(false),
                SyncState.Aborting => await AbortAsync(_session!).ConfigureAwait(false),
                SyncState.Closing => await CloseAsync().ConfigureAwait(false),
                SyncState.Halted => await StayHaltedAsync().ConfigureAwait(false),
                _ => throw new InvalidOperationException($"Nothing to do in state {state}."),
            };
        }
        catch (Exception e) when (state is not (SyncState.Closing or SyncState.Halted) && e is KafkaException or IOException or TimeoutException or FormatException or EdgeException or OperationCanceledException)
        {
            // A read error of the disk, a time-out: the same cure as for a failed transaction.
            if (Wanted is null) Note(e is KafkaException kafka ? kafka.Error.Reason : $"{e.GetType().Name}: {e.Message}");
            return ForwarderEvent.SessionFailed;
        }
    }

    private async Task<ForwarderEvent> OpenAsync()
    {
        try
        {
            _session = new TransactionSession(Options, Journal.DeviceId, _lane, BatchBytes, Wake, Logger);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            Note($"No producer: {e.Message}");
            return ForwarderEvent.SessionFailed;
        }
        Counters.SessionOpened();
        TransactionSession session = _session;
        long start = Time.GetTimestamp();
        while (true)
        {
            if (Wanted is { } wanted) return wanted;
            string problem = "";
            CommitStatus status = await Task.Run(() => session.Init(CallSlice, out problem)).ConfigureAwait(false);
            switch (status)
            {
                case CommitStatus.Done:
                    return ForwarderEvent.ProducerReady;
                case CommitStatus.TryAgain when Time.GetElapsedTime(start) < InitTime:
                    break;
                case CommitStatus.Unsupported:
                    Note($"The centre refuses transactions ({problem}). Sync:Delivery=exactly-once needs them: nothing is forwarded until the centre has them, or Sync:Delivery is set to at-least-once.");
                    return ForwarderEvent.SessionFailed;
                default:
                    Note($"The producer cannot begin: {problem}");
                    return ForwarderEvent.SessionFailed;
            }
        }
    }

    /// <summary>Disposes the producer and goes back to what is known to be at the centre.</summary>
    private async Task<ForwarderEvent> CloseAsync()
    {
        bool reopensAtOnce = _mustReopen;
        _mustReopen = false;
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            if (session.Fault is { } fault) Note(fault);
            if (session.HasCommitted) Backoff.Reset();
            await DisposeAsync(session).ConfigureAwait(false);
        }
        Rewind();
        if (!IsAbandoned) await Cursors.Flush(Sources.All, source => source.ResumeSequence).ConfigureAwait(false);
        if (!IsAbandoned) await Cursors.Flush(Sources.All, source => source.ResumeSequence).ConfigureAwait(false); // what moved while an earlier write ran
        return Wanted switch
        {
            ForwarderEvent.Stop => ForwarderEvent.ClosedToStop,
            _ when _halt is not null => ForwarderEvent.ClosedToHalt,
            ForwarderEvent.Pause => ForwarderEvent.ClosedToPause,
            _ => reopensAtOnce ? ForwarderEvent.ClosedToReopen : ForwarderEvent.ClosedToRetry,
        };
    }

    private async Task<ForwarderEvent> StayHaltedAsync()
    {
        while (true)
        {
            Wake.Reset();
            if (Wanted is ForwarderEvent.Stop) return ForwarderEvent.Stop;
            if (_isAdoptWanted)
            {
                _halt = null;
                return ForwarderEvent.Adopt;
            }
            await Wake.WaitAsync(TimeSpan.FromSeconds(30), Time).ConfigureAwait(false);
        }
    }

    /// <summary>The plan is dropped; each source stands at its cursor again, and the reader at the first frame anyone needs.</summary>
    private void Rewind()
    {
        _plan.Release();
        Sources.DropDeleted();
        // In this order: a record that becomes durable after the first line lies behind the position it names.
        long position = Journal.DurableSequence;
        foreach (SourcePartition source in Sources.All)
        {
            if (!source.IsHeldBack) source.ResumeSequence = Math.Max(source.ResumeSequence, _safePosition);
            source.NextToRead = source.Tracker.Next;
            source.LastSent = source.Tracker.Previous;
            source.Central = null;
            if (!source.IsHeldBack && source.NextToRead < source.Partition.HighWatermark) position = Math.Min(position, source.ResumeSequence);
        }
        Place(position);
    }

    private void Place(long position)
    {
        _current = null;
        _records.Close();
        Reader.Seek(position);
        _safePosition = position;
    }
}
