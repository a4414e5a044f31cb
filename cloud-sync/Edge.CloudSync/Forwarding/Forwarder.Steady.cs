using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>The state Forwarding: send what is there, wait, write cursors, look after what is held back.</summary>
internal sealed partial class Forwarder
{
    private async Task<ForwarderEvent> ForwardAsync()
    {
        ProducerSession session = _session!;
        _lastFlush = _lastRefresh = _time.GetTimestamp();
        try
        {
            while (true)
            {
                _wake.Reset();
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
                    case SendResult.NoRoom: await _wake.WaitAsync(IdleTick / 4, _time).ConfigureAwait(false); break;
                    case SendResult.Empty: await WaitForRecordsAsync(session).ConfigureAwait(false); break;
                    case SendResult.Done or SendResult.Fault: break;
                }
                if (_time.GetElapsedTime(_lastFlush) >= _options.CursorInterval && !_cursors.IsBusy)
                {
                    _lastFlush = _time.GetTimestamp();
                    _ = _cursors.Flush(Sources.All, LookedAt); // its outcome is handled there; closing awaits the last one
                }
                if (_time.GetElapsedTime(_lastRefresh) >= _options.MetadataRefresh) await RefreshCountsAsync(session).ConfigureAwait(false);
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
        long start = _time.GetTimestamp();
        while (session.InFlightRecords > 0 && session.Fault is null && !_isAbandoned && _time.GetElapsedTime(start) < DrainTime)
        {
            _wake.Reset();
            if (session.InFlightRecords > 0) await _wake.WaitAsync(TimeSpan.FromMilliseconds(100), _time).ConfigureAwait(false);
        }
    }

    private async Task WaitForRecordsAsync(ProducerSession session)
    {
        using var unregister = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task data = _reader.WaitAsync(unregister.Token).AsTask();
        await _wake.WaitAsync(session.InFlightRecords > 0 ? IdleTick / 4 : IdleTick, _time, data).ConfigureAwait(false);
        await unregister.CancelAsync().ConfigureAwait(false);
        bool isThere = data.IsCompletedSuccessfully;
        await data.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the reader has one owner: never two calls at a time
        if (isThere) await GatherAsync(session).ConfigureAwait(false);
    }

    /// <summary>Sync:Linger: few full requests instead of many small ones. A backlog never waits here.</summary>
    private async Task GatherAsync(ProducerSession session)
    {
        long start = _time.GetTimestamp(), bytes = _journal.Statistics.PayloadBytes;
        long enough = Math.Min(GatherBytes, _options.MaxBatchBytes);
        while (Wanted is null && session.Fault is null && _journal.Statistics.PayloadBytes - bytes < enough)
        {
            TimeSpan left = _options.Linger - _time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return;
            TimeSpan slice = TimeSpan.FromMilliseconds(50);
            _wake.Reset();
            await _wake.WaitAsync(left < slice ? left : slice, _time).ConfigureAwait(false);
        }
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
        _lastRefresh = _time.GetTimestamp();
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
        long position = _journal.DurableSequence;
        foreach (SourcePartition source in Sources.All)
        {
            source.Rewind(LookedAt(source));
            if (source.PausedReason is { } reason && !source.IsHeldBack) Hold(source, reason);
            if (!source.IsHeldBack && source.NextToRead < source.Partition.HighWatermark) position = Math.Min(position, source.ResumeSequence);
        }
        _current = null;
        _batch.Close();
        _reader.Seek(position);
        _isPlaced = true;
    }

    /// <summary>Every frame of the partition before this one was handed to the client or skipped for good.</summary>
    private long LookedAt(SourcePartition source)
    {
        if (!_isPlaced) return source.ResumeSequence;
        return _current is { } current && Sources.Find(current.Partition) == source ? current.IngestSequence : _reader.Position;
    }

    /// <summary>Leaves a partition alone for a while; the others go on.</summary>
    private void Hold(SourcePartition source, string reason)
    {
        source.ResumeSequence = source.SequenceToResume(LookedAt(source));
        source.IsHeldBack = true;
        source.PausedReason = reason;
        source.RetryTimestamp = _time.GetTimestamp();
        if (_current is { } current && Sources.Find(current.Partition) == source) _current = null;
        LogHeldBack(_logger, source.CursorKey, reason, _options.RetryPausedAfter);
        LastError = new SyncProblem(reason, _time.GetUtcNow());
    }

    private void RetryHeldBack()
    {
        foreach (SourcePartition source in Sources.All)
        {
            if (!source.IsHeldBack || _time.GetElapsedTime(source.RetryTimestamp) < _options.RetryPausedAfter) continue;
            source.IsHeldBack = false;
            source.PausedReason = null;
            _current = null; // the reader moves: what was handed on of it is known by NextToRead
            if (source.ResumeSequence < _reader.Position) _reader.Seek(source.ResumeSequence);
        }
    }

    private bool Wants(Partition partition) => Sources.Find(partition) is { IsHeldBack: false };

    [LoggerMessage(EventId = 4133, Level = LogLevel.Error, Message = "{Partition} is held back, tried again every {Retry}: {Reason}")]
    private static partial void LogHeldBack(ILogger logger, string partition, string reason, TimeSpan retry);
}
