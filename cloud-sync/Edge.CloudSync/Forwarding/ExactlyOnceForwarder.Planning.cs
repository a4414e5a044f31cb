using Edge.CloudSync.Centre;
using Edge.CloudSync.Cursors;
using Edge.Log.Gaps;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>The state Forwarding: no transaction is open. Waits for durable records and gathers what the next transaction carries.</summary>
internal sealed partial class ExactlyOnceForwarder
{
    private enum PlanStep : byte
    {
        /// <summary>The entry is in the plan, or there is nothing of it to send.</summary>
        Done,

        /// <summary>The plan is full; the rest of the entry is for the next one.</summary>
        Full,

        /// <summary>The topic in <see cref="_lookup"/> has to be looked up first.</summary>
        LookUp,
    }

    private readonly BatchRecords _records = new();
    private readonly List<(SourcePartition Source, long From, long To)> _restored = []; // announced in edge.gaps with the next transaction
    private bool _mustWriteAll, _isBehind;
    private long _cursorOnlySince;

    private async Task<ForwarderEvent> ForwardAsync(TransactionSession session)
    {
        while (true)
        {
            Wake.Reset();
            if (Wanted is { } wanted) return wanted;
            if (session.Fault is not null) return ForwarderEvent.SessionFailed;
            if (session.Taint is not null && !IgnoresTaint) return Reopen(ForwarderEvent.Tainted);
            if (Time.GetElapsedTime(_lastFlush) >= Options.CursorInterval && !Cursors.IsBusy)
            {
                _lastFlush = Time.GetTimestamp();
                _ = Cursors.Flush(Sources.All, source => source.IsHeldBack ? source.ResumeSequence : _safePosition);
            }
            if (Time.GetElapsedTime(_lastRefresh) >= Options.MetadataRefresh) await RefreshCountsAsync(session).ConfigureAwait(false);
            RetryHeldBack();
            switch (Gather())
            {
                case PlanStep.LookUp:
                    (CentralTopic? found, string? refusal) = await session.Topics.FindAsync(_lookup.Topic, Interruption()).ConfigureAwait(false);
                    if (found is null) Hold(_lookup.Source, refusal!);
                    continue;
                case PlanStep.Full:
                    _isBehind = true;
                    return ForwarderEvent.PlanReady;
            }
            _isBehind = false;
            if (!_plan.IsEmpty || _mustWriteAll || IsCursorDue()) return ForwarderEvent.PlanReady;
            foreach (SourcePlan passed in _plan.Sources) passed.Source.Tracker.MoveTo(passed.Next, passed.Previous); // nothing to send: no need to hold retention up meanwhile
            await WaitForRecordsAsync(session).ConfigureAwait(false);
        }
    }

    /// <summary>Puts durable records into the plan until it is full or there are no more.</summary>
    private PlanStep Gather()
    {
        while (true)
        {
            if (_plan.Bytes >= (_isBehind ? Options.CatchUpBytes : Options.MaxBatchBytes) || _plan.Records >= Options.MaxInFlightRecords) return PlanStep.Full;
            if (_current is null)
            {
                if (!Reader.TryRead(out JournalEntry entry)) return PlanStep.Done;
                _current = entry;
            }
            JournalEntry current = _current.Value;
            if (Sources.Find(current.Partition) is { IsHeldBack: false } source && !current.Partition.Topic.IsDeleted)
            {
                PlanStep step = PlanEntry(source, current);
                if (step != PlanStep.Done) return step;
            }
            _current = null;
        }
    }

    private PlanStep PlanEntry(SourcePartition source, in JournalEntry entry)
    {
        if (entry.LastOffset < source.NextToRead) return PlanStep.Done; // read again after a rewind of others
        ReadOnlySpan<byte> batch = entry.Batch.Span;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch);
        if (entry.BaseOffset >= source.Partition.LastStableOffset)
        {
            // A local transaction is open: what it holds may be undone, and what follows keeps its place behind it.
            (source.ResumeSequence, source.UnstableSequence) = (_safePosition, entry.IngestSequence);
            source.IsHeldBack = source.IsUnstable = true;
            return PlanStep.Done;
        }
        if (header.IsControl || source.Partition.IsAborted(header))
        {
            PassTo(source, entry.LastOffset + 1);
            return PlanStep.Done;
        }
        if (source.Central is null && (source.Central = _session!.Topics.Known(source.CentralTopicName)) is null)
        {
            _lookup = (source.CentralTopicName, source);
            return PlanStep.LookUp;
        }
        if (source.IsStale(header.BaseTimestampMs, Time.GetUtcNow()) && !MaySendStale(source, header.BaseTimestampMs)) return PlanStep.Done;
        bool isCareful = source.NextToRead < source.CarefulUntil;
        if (isCareful && _plan.Records > 0 && source.Plan is null) return PlanStep.Full; // what others have goes first, alone
        PlanHole(source, entry);
        if (!_records.TryOpen(header, batch, entry.IngestSequence, out ReadOnlySpan<byte> records))
        {
            PlanGap(source, entry.LastOffset + 1, "undecodable");
            return PlanStep.Done;
        }
        return PlanRecords(source, header, records, entry, isCareful);
    }

    private PlanStep PlanRecords(SourcePartition source, in RecordBatchHeader header, ReadOnlySpan<byte> records, in JournalEntry entry, bool isCareful)
    {
        SourcePlan plan = _plan.Of(source);
        plan.Boots = plan.Boots.With(_history!.BootOf(header.PartitionLeaderEpoch), Math.Max(header.BaseOffset, source.NextToRead));
        long from = source.NextToRead, to = from;
        int count = 0, room = Math.Min(Options.MaxInFlightRecords - _plan.Records, isCareful ? source.CarefulRecords - plan.Records : int.MaxValue);
        bool isFull = room <= 0;
        var walk = new RecordEnumerator(header, records);
        while (!isFull && walk.MoveNext())
        {
            if (walk.Current.Offset < from) continue;
            to = walk.Current.Offset + 1;
            source.LastSent = walk.Current.Offset;
            isFull = ++count >= room;
        }
        if (count > 0)
        {
            _plan.Batches.Add(new PlannedBatch(source, header, _plan.Keep(records), from, to));
            plan.Records += count;
            _plan.Records += count;
            PassTo(source, to);
        }
        plan.Previous = source.LastSent;
        if (isFull && to <= entry.LastOffset) return PlanStep.Full;
        if (walk.IsMalformed) PlanGap(source, entry.LastOffset + 1, "undecodable");
        PassTo(source, entry.LastOffset + 1);
        return isFull ? PlanStep.Full : PlanStep.Done;
    }

    /// <summary>Sync:StaleBacklog: sends with a loud event, or holds the partition back.</summary>
    private bool MaySendStale(SourcePartition source, long timestampMs)
    {
        string what = StaleText(source, timestampMs);
        if (Options.StaleBacklog == "send")
        {
            if (!source.IsKnownStale) LogStale(Logger, source.CursorKey, what);
            source.IsKnownStale = true;
            return true;
        }
        Hold(source, what + " Sync:StaleBacklog=hold keeps it here.");
        return false;
    }

    /// <summary>Offsets missing before a batch: removed by retention or unreadable by damage (both announced), or compacted away (superseded: nothing to announce).</summary>
    private void PlanHole(SourcePartition source, in JournalEntry entry)
    {
        if (entry.BaseOffset <= source.NextToRead) return;
        long removedTo = Math.Min(source.Partition.LogStartOffset, entry.BaseOffset);
        PlanRemoved(source, removedTo, GapReason.Retention);
        if (entry.BaseOffset <= source.NextToRead) return;
        if (source.Partition.Topic.Config.CleanupPolicy.HasFlag(CleanupPolicy.Compact)) PassTo(source, entry.BaseOffset);
        else PlanRemoved(source, entry.BaseOffset, "damaged");
    }

    private void PlanRemoved(SourcePartition source, long to, string otherwise)
    {
        foreach ((long end, string reason) in RemovedRanges.Of(Journal, source.Partition, source.NextToRead, to, otherwise)) PlanGap(source, end, reason);
    }

    private void PlanGap(SourcePartition source, long to, string reason)
    {
        _plan.Gaps.Add((source, source.GapOf(Journal.LogId, source.NextToRead, to, reason, Time.GetUtcNow())));
        PassTo(source, to);
    }

    private void PassTo(SourcePartition source, long next)
    {
        if (next <= source.NextToRead) return;
        SourcePlan plan = _plan.Of(source);
        plan.Next = source.NextToRead = next;
    }

    /// <summary>Where nothing was left to send, a cursor goes up alone at most once a minute.</summary>
    private bool IsCursorDue()
    {
        if (_plan.Sources.Count == 0)
        {
            _cursorOnlySince = Time.GetTimestamp();
            return false;
        }
        return Time.GetElapsedTime(_cursorOnlySince) >= TimeSpan.FromMinutes(1);
    }

    private async Task WaitForRecordsAsync(TransactionSession session)
    {
        using var unregister = CancellationTokenSource.CreateLinkedTokenSource(Interruption());
        Task data = Reader.WaitAsync(unregister.Token).AsTask();
        await Wake.WaitAsync(IdleTick, Time, data).ConfigureAwait(false);
        await unregister.CancelAsync().ConfigureAwait(false);
        bool isThere = data.IsCompletedSuccessfully;
        await data.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the reader has one owner: never two calls at a time
        if (isThere) await GatherAsync(() => session.Fault is not null || session.Taint is not null).ConfigureAwait(false);
    }

    /// <summary>A new partition count is adopted between two transactions: records of one key stay in order on either side of it.</summary>
    private async Task RefreshCountsAsync(TransactionSession session)
    {
        if (_plan.Sources.Count > 0) return; // placed already by the counts of before
        _lastRefresh = Time.GetTimestamp();
        if (!await session.Topics.HaveCountsChangedAsync(Interruption()).ConfigureAwait(false)) return;
        session.Topics.Forget();
        foreach (string own in (string[])[CentralTopics.Cursors, CentralTopics.Gaps, CentralTopics.DeadLetter])
            await session.Topics.FindAsync(own, Interruption()).ConfigureAwait(false);
        foreach (SourcePartition source in Sources.All) source.Central = null;
    }

    /// <summary>Leaves a partition alone for a while; the others go on.</summary>
    private void Hold(SourcePartition source, string reason)
    {
        source.ResumeSequence = _safePosition;
        source.IsHeldBack = true;
        source.PausedReason = reason;
        source.RetryTimestamp = Time.GetTimestamp();
        if (_current is { } current && Sources.Find(current.Partition) == source) _current = null;
        LogHeldBack(Logger, source.CursorKey, reason, Options.RetryPausedAfter);
        LastError = new SyncProblem(reason, Time.GetUtcNow());
    }

    private void RetryHeldBack()
    {
        if (_plan.Sources.Count > 0) return; // the reader moves only between plans
        foreach (SourcePartition source in Sources.All)
        {
            if (!source.IsHeldBack || !source.MayRetry(Time, Options.RetryPausedAfter)) continue;
            source.IsHeldBack = source.IsUnstable = false;
            source.PausedReason = null;
            if (source.ResumeSequence < Reader.Position) Place(Math.Min(source.ResumeSequence, _safePosition));
        }
    }

    [LoggerMessage(EventId = 4133, Level = LogLevel.Error, Message = "{Partition} is held back, tried again every {Retry}: {Reason}")]
    private static partial void LogHeldBack(ILogger logger, string partition, string reason, TimeSpan retry);
}
