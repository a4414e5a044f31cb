using Edge.Log;
using Edge.Log.Readers;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>Delivery without transactions: an idempotent producer, and cursors that follow what was confirmed.</summary>
/// <remarks>A crash repeats what was sent since the last durable cursor, with the same <c>edge.id</c>.</remarks>
internal sealed partial class AtLeastOnceForwarder(Journal journal, SyncOptions options, TimeProvider time, ILogger logger) : ForwarderLoop(journal, options, time, logger)
{
    private ProducerSession? _session;
    private long _lastFlush, _lastRefresh;
    private bool _isPlaced;
    private JournalEntry? _current; // read, not handed on completely; valid until the next call of the reader
    private (string Topic, SourcePartition Source) _lookup;

    public override long InFlight => _session?.InFlightRecords ?? 0;

    protected override Task<ForwarderEvent> StepAsync(SyncState state) => state switch
    {
        SyncState.Opening => OpenAsync(),
        SyncState.Forwarding => ForwardAsync(),
        SyncState.Closing => CloseAsync(),
        _ => throw new InvalidOperationException($"Without transactions there is no state {state}."),
    };

    private async Task<ForwarderEvent> OpenAsync()
    {
        try
        {
            _session = new ProducerSession(Options, Journal.DeviceId, BatchBytes, Time, Wake, Counters, Logger);
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
            if (session.HasDelivered) Backoff.Reset();
            if (session.WantsSmallerBatches) BatchBytes = Math.Max(SmallestBatchBytes, BatchBytes / 2);
            await DisposeAsync(session).ConfigureAwait(false);
        }
        Rewind();
        if (!IsAbandoned) await Cursors.Flush(Sources.All, source => source.ResumeSequence).ConfigureAwait(false);
        if (!IsAbandoned) await Cursors.Flush(Sources.All, source => source.ResumeSequence).ConfigureAwait(false); // what moved while an earlier write ran
        return Wanted switch
        {
            ForwarderEvent.Stop => ForwarderEvent.ClosedToStop,
            ForwarderEvent.Pause => ForwarderEvent.ClosedToPause,
            _ => ForwarderEvent.ClosedToRetry,
        };
    }

    private async Task<ForwarderEvent> ForwardAsync()
    {
        ProducerSession session = _session!;
        _lastFlush = _lastRefresh = Time.GetTimestamp();
        try
        {
            while (true)
            {
                Wake.Reset();
                if (Wanted is { } wanted)
                {
                    await DrainAsync(session).ConfigureAwait(false);
                    return wanted;
                }
                session.Watch();
                if (session.Fault is not null) return ForwarderEvent.SessionFailed;
                RetryHeldBack();
                switch (SendWhatIsThere(session))
                {
                    case SendResult.LookUp: await LookUpAsync(session).ConfigureAwait(false); break;
                    case SendResult.NoRoom: await Wake.WaitAsync(IdleTick / 4, Time).ConfigureAwait(false); break;
                    case SendResult.Empty: await WaitForRecordsAsync(session).ConfigureAwait(false); break;
                    case SendResult.Done or SendResult.Fault: break;
                }
                if (Time.GetElapsedTime(_lastFlush) >= Options.CursorInterval && !Cursors.IsBusy)
                {
                    _lastFlush = Time.GetTimestamp();
                    _ = Cursors.Flush(Sources.All, LookedAt); // its outcome is handled there; closing awaits the last one
                }
                if (Time.GetElapsedTime(_lastRefresh) >= Options.MetadataRefresh) await RefreshCountsAsync(session).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A read error of the disk, a metadata time-out: the same cure as for a failed delivery.
            Note($"{e.GetType().Name}: {e.Message}");
            return ForwarderEvent.SessionFailed;
        }
    }

    /// <summary>Lets what is in flight arrive, so that a stop or pause repeats nothing later. Bounded: the cursor covers the rest.</summary>
    private async Task DrainAsync(ProducerSession session)
    {
        long start = Time.GetTimestamp();
        while (session.InFlightRecords > 0 && session.Fault is null && !IsAbandoned && Time.GetElapsedTime(start) < DrainTime)
        {
            Wake.Reset();
            if (session.InFlightRecords > 0) await Wake.WaitAsync(TimeSpan.FromMilliseconds(100), Time).ConfigureAwait(false);
        }
    }

    private async Task WaitForRecordsAsync(ProducerSession session)
    {
        using var unregister = CancellationTokenSource.CreateLinkedTokenSource(Interruption());
        Task data = Reader.WaitAsync(unregister.Token).AsTask();
        await Wake.WaitAsync(session.InFlightRecords > 0 ? IdleTick / 4 : IdleTick, Time, data).ConfigureAwait(false);
        await unregister.CancelAsync().ConfigureAwait(false);
        bool isThere = data.IsCompletedSuccessfully;
        await data.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the reader has one owner: never two calls at a time
        if (isThere) await GatherAsync(() => session.Fault is not null).ConfigureAwait(false);
    }

    private async Task LookUpAsync(ProducerSession session)
    {
        (string topic, SourcePartition source) = _lookup;
        (Centre.CentralTopic? found, string? refusal) = await session.Topics.FindAsync(topic, Interruption()).ConfigureAwait(false);
        if (found is null) Hold(source, refusal!);
    }

    /// <summary>A new partition count is adopted only when nothing is in flight: records of one key stay in order on either side of it.</summary>
    private async Task RefreshCountsAsync(ProducerSession session)
    {
        _lastRefresh = Time.GetTimestamp();
        if (!await session.Topics.HaveCountsChangedAsync(Interruption()).ConfigureAwait(false)) return;
        await DrainAsync(session).ConfigureAwait(false);
        if (session.InFlightRecords > 0) session.Fail("Partition counts changed at the centre while records were under way.");
        session.Topics.Forget();
        foreach (SourcePartition source in Sources.All) source.Central = null;
    }

    /// <summary>Everything back to the cursors, and the reader to the first frame anyone needs.</summary>
    private void Rewind()
    {
        Sources.DropDeleted();
        // In this order: a record that becomes durable after the first line lies behind the position it names.
        long position = Journal.DurableSequence;
        foreach (SourcePartition source in Sources.All)
        {
            source.Rewind(LookedAt(source));
            if (source.PausedReason is { } reason && !source.IsHeldBack) Hold(source, reason);
            if (!source.IsHeldBack && source.NextToRead < source.Partition.HighWatermark) position = Math.Min(position, source.ResumeSequence);
        }
        _current = null;
        _batch.Close();
        Reader.Seek(position);
        _isPlaced = true;
    }

    /// <summary>Every frame of the partition before this one was handed to the client or skipped for good.</summary>
    private long LookedAt(SourcePartition source)
    {
        if (!_isPlaced) return source.ResumeSequence;
        return _current is { } current && Sources.Find(current.Partition) == source ? current.IngestSequence : Reader.Position;
    }

    /// <summary>Leaves a partition alone for a while; the others go on.</summary>
    private void Hold(SourcePartition source, string reason)
    {
        source.ResumeSequence = source.SequenceToResume(LookedAt(source));
        source.IsHeldBack = true;
        source.PausedReason = reason;
        source.RetryTimestamp = Time.GetTimestamp();
        if (_current is { } current && Sources.Find(current.Partition) == source) _current = null;
        LogHeldBack(Logger, source.CursorKey, reason, Options.RetryPausedAfter);
        LastError = new SyncProblem(reason, Time.GetUtcNow());
    }

    private void RetryHeldBack()
    {
        foreach (SourcePartition source in Sources.All)
        {
            if (!source.IsHeldBack || !source.MayRetry(Time, Options.RetryPausedAfter)) continue;
            source.IsHeldBack = source.IsUnstable = false;
            source.PausedReason = null;
            _current = null; // the reader moves: what was handed on of it is known by NextToRead
            if (source.ResumeSequence < Reader.Position) Reader.Seek(source.ResumeSequence);
        }
    }

    [LoggerMessage(EventId = 4133, Level = LogLevel.Error, Message = "{Partition} is held back, tried again every {Retry}: {Reason}")]
    private static partial void LogHeldBack(ILogger logger, string partition, string reason, TimeSpan retry);
}
