using System.Text;
using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Edge.CloudSync.Cursors;
using Edge.Log.Gaps;
using Edge.Log.Records;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>The states Sending, Committing and Aborting: one transaction.</summary>
internal sealed partial class ExactlyOnceForwarder
{
    private const int MessageOverheadBytes = 70; // framing of one record in its own batch

    private long _sendStart, _sentBytes;
    private int _pointers;

    /// <summary>The cursors first, together with the data: what a late request could tear off alone would be wrong, and a partition touched later costs another round trip.</summary>
    private async Task<ForwarderEvent> SendAsync(TransactionSession session)
    {
        _sendStart = Time.GetTimestamp();
        (_sentBytes, _pointers) = (0, 0);
        if (_mustWriteAll)
            foreach (SourcePartition source in Sources.All) _plan.Of(source);
        session.Begin();
        foreach (SourcePlan plan in _plan.Sources) plan.Source.LastSent = plan.Source.Tracker.Previous; // the chain is written again from the cursor on
        if (!await PutAsync(session, PutCursors(session)).ConfigureAwait(false)) return Failed(session);
        long offset = -1;
        for (int at = 0; at < _plan.Batches.Count;)
        {
            PlannedBatch batch = _plan.Batches[at];
            if (ProduceBatch(session, batch, ref offset))
            {
                at++;
                offset = -1;
                continue;
            }
            if (!await WaitForRoomAsync(session).ConfigureAwait(false)) return Failed(session);
        }
        while (session.Pending > 0)
        {
            if (session.Refusal is not null || session.Fault is not null || IsOverdue(Options.TransactionTimeout)) return Failed(session);
            // No Flush: it would run report handlers on a second thread. The last batch waits for its linger, 5 ms.
            Wake.Reset();
            if (session.Pending > 0) await Wake.WaitAsync(TimeSpan.FromMilliseconds(100), Time).ConfigureAwait(false);
        }
        return session.Refusal is null && session.Fault is null ? ForwarderEvent.Sent : Failed(session);
    }

    private async Task<ForwarderEvent> CommitAsync(TransactionSession session)
    {
        while (true)
        {
            string problem = "";
            CommitStatus status = await Task.Run(() => session.Commit(CallSlice, out problem)).ConfigureAwait(false);
            switch (status)
            {
                case CommitStatus.Done:
                    TakeCommit();
                    return session.Taint is null || IgnoresTaint ? ForwarderEvent.Committed : Reopen(ForwarderEvent.Tainted);
                case CommitStatus.TryAgain when !IsOverdue(Options.TransactionTimeout + TimeSpan.FromSeconds(30)):
                    continue; // an abort is refused from here on: only the same call may follow
                case CommitStatus.MustAbort:
                    Note($"The commit was refused: {problem}");
                    return ForwarderEvent.Refused;
                default:
                    // In doubt: the next producer's InitTransactions waits until it is decided, and the cursor then tells.
                    Note($"The outcome of a commit is not known yet: {problem}");
                    return Reopen(ForwarderEvent.SessionFailed);
            }
        }
    }

    /// <summary>One attempt to end the transaction, so that readers of the centre need not wait for its time-out; the producer is replaced in any case.</summary>
    private async Task<ForwarderEvent> AbortAsync(TransactionSession session)
    {
        if (session.Refusal is { } refusal) React(refusal);
        if (IsAbandoned) return ForwarderEvent.Aborted;
        long start = Time.GetTimestamp();
        while (session.Fault is null && Time.GetElapsedTime(start) < AbortTime)
        {
            CommitStatus status = await Task.Run(() => session.Abort(CallSlice, out _)).ConfigureAwait(false);
            if (status == CommitStatus.TryAgain) continue;
            break;
        }
        Counters.Aborted();
        return ForwarderEvent.Aborted;
    }

    private ForwarderEvent Failed(TransactionSession session)
    {
        if (session.Fault is null && session.Refusal is null) Note($"The centre did not take {_plan.Records} records within {Time.GetElapsedTime(_sendStart)}.");
        return session.Fault is null ? ForwarderEvent.Refused : ForwarderEvent.SessionFailed;
    }

    private bool IsOverdue(TimeSpan limit) => Time.GetElapsedTime(_sendStart) > (IsAbandoned ? TimeSpan.Zero : Wanted is null ? limit : DrainTime < limit ? DrainTime : limit);

    /// <summary>What one refused message means for the next transactions.</summary>
    private void React(DeliveryRefusal refusal)
    {
        Note($"{refusal.Source?.CursorKey ?? "A cursor"}: {refusal.Reason} ({refusal.Code})");
        if (refusal.Source is not { } source) return;
        if (refusal.IsAboutTopic)
        {
            Hold(source, $"The centre refuses topic '{source.CentralTopicName}': {refusal.Reason}.");
            _mustReopen = true;
        }
        else if (refusal.IsAboutPartitions)
        {
            _mustReopen = true; // the next session asks for the counts anew
        }
        else if (refusal.IsAboutRecords && source.Plan is { } plan)
        {
            _mustReopen = true;
            if (plan.Records <= 1)
            {
                source.MarkPoison(plan.Previous, refusal.Code.ToString());
                return;
            }
            // Halves until the one is found: twice the logarithm of its number, in transactions.
            source.CarefulUntil = Math.Max(source.CarefulUntil, plan.Next);
            source.CarefulRecords = Math.Max(1, plan.Records / 2);
            if (refusal.Code == ErrorCode.MsgSizeTooLarge) BatchBytes = Math.Max(SmallestBatchBytes, BatchBytes / 2);
        }
    }

    /// <summary>Everything of the plan is at the centre.</summary>
    private void TakeCommit()
    {
        foreach (SourcePlan plan in _plan.Sources)
        {
            SourcePartition source = plan.Source;
            source.Tracker.MoveTo(plan.Next, plan.Previous);
            source.Sequence++;
            source.Boots = plan.Boots;
            source.LastSent = plan.Previous;
            if (source.CarefulRecords != int.MaxValue && plan.Next >= source.CarefulUntil) source.CarefulRecords = int.MaxValue;
        }
        foreach (SourcePartition source in Sources.All)
            if (source.IsUnstable) source.ResumeSequence = source.UnstableSequence; // everything before it is at the centre now
        Counters.Committed(_plan.Records, _sentBytes, _pointers, _plan.Gaps.Count + _restored.Count);
        _restored.Clear();
        _mustWriteAll = false;
        if (_mustWriteDevice) (_mustWriteDevice, _isIncarnationKnown) = (false, true);
        _safePosition = _current?.IngestSequence ?? Reader.Position;
        _cursorOnlySince = Time.GetTimestamp();
        _plan.Clear();
    }

    private IEnumerable<Func<bool>> PutCursors(TransactionSession session)
    {
        CentralTopic cursors = session.Topics.Known(CentralTopics.Cursors)!, gaps = session.Topics.Known(CentralTopics.Gaps)!;
        TopicPartition place = cursors.Place(Mapper.Device); // all of a device's records share one partition
        DateTimeOffset now = Time.GetUtcNow();
        if (_mustWriteDevice)
        {
            IReadOnlyList<string> lanes = _deviceAtCentre is { } known ? [.. known.Lanes.Append(_lane).Distinct(StringComparer.Ordinal)] : [_lane];
            byte[] key = Encoding.UTF8.GetBytes(DeviceRecord.KeyOf(Journal.DeviceId)), value = new DeviceRecord(Journal.LogId, Journal.Lineage.Parents, _incarnation, lanes, Hardware).ToJson(now);
            yield return () => session.TryProduce(null, place, key, value, null, NoTimestamp, out _);
        }
        foreach (SourcePlan plan in _plan.Sources)
        {
            byte[] key = Encoding.UTF8.GetBytes(CentralCursor.KeyOf(Journal.DeviceId, Journal.LogId, plan.Source.Partition.Topic.Name, plan.Source.Partition.Index));
            byte[] value = plan.ToCursor(plan.Source.Central?.PartitionCount ?? 0).ToJson(now);
            yield return () => session.TryProduce(null, place, key, value, null, NoTimestamp, out _);
        }
        foreach ((SourcePartition source, JournalGap gap) in _plan.Gaps)
        {
            LogGap(Logger, source.CursorKey, gap.From, gap.To, gap.Reason);
            byte[] value = gap.ToJson(Journal.DeviceId);
            yield return () => session.TryProduce(null, gaps.Place(Mapper.Device), Mapper.Device, value, null, new Timestamp(gap.Time), out _);
        }
        string parent = Journal.Lineage.Parents.Count > 0 ? Journal.Lineage.Parents[0] : "";
        foreach ((SourcePartition source, long from, long to) in _restored)
        {
            byte[] value = source.GapOf(parent, from, to, "restored", Time.GetUtcNow()).ToJson(Journal.DeviceId);
            yield return () => session.TryProduce(null, gaps.Place(Mapper.Device), Mapper.Device, value, null, new Timestamp(now), out _);
        }
    }

    private async Task<bool> PutAsync(TransactionSession session, IEnumerable<Func<bool>> messages)
    {
        foreach (Func<bool> put in messages)
            while (!put())
                if (!await WaitForRoomAsync(session).ConfigureAwait(false)) return false;
        return true;
    }

    /// <summary>The client's queue is full: waits for reports. False when there is nothing to wait for.</summary>
    private async Task<bool> WaitForRoomAsync(TransactionSession session)
    {
        Wake.Reset();
        if (session.Fault is not null || session.Refusal is not null || IsOverdue(Options.TransactionTimeout)) return false;
        await Wake.WaitAsync(TimeSpan.FromMilliseconds(50), Time).ConfigureAwait(false);
        return true;
    }

    /// <summary>Hands the records of a batch to the client, from <paramref name="from"/> on (-1: from its start). False when the client has no room; <paramref name="from"/> then says where to go on.</summary>
    private bool ProduceBatch(TransactionSession session, in PlannedBatch batch, ref long from)
    {
        SourcePartition source = batch.Source;
        CentralTopic central = source.Central!;
        long start = Math.Max(from, batch.From);
        var walk = new RecordEnumerator(batch.Header, batch.Records.Span);
        while (walk.MoveNext())
        {
            RecordView record = walk.Current;
            if (record.Offset < start) continue;
            if (record.Offset >= batch.To) break;
            if (!ProduceRecord(session, source, central, record))
            {
                from = record.Offset;
                return false;
            }
            source.LastSent = record.Offset;
        }
        return true;
    }

    private bool ProduceRecord(TransactionSession session, SourcePartition source, CentralTopic central, in RecordView record)
    {
        bool hasEdgeId = record.TryGetHeader("edge.id"u8, out _);
        byte[]? key = Mapper.MapKey(source, record, hasEdgeId);
        Headers headers = Mapper.MapHeaders(source, record, source.LastSent, hasEdgeId, out int headerBytes);
        int bytes = (key?.Length ?? 0) + record.Value.Length + headerBytes;
        string? refused = source.PoisonReason(record.Offset);
        if (refused is null && bytes + MessageOverheadBytes > Options.MessageMaxBytes) refused = "too-large";
        if (refused is null)
        {
            Timestamp timestamp = record.TimestampMs >= 0 ? new Timestamp(record.TimestampMs, TimestampType.CreateTime) : Timestamp.Default;
            if (session.TryProduce(source, central.Place(key ?? Mapper.Device), key, Mapper.MapValue(record), headers, timestamp, out bool isTooLarge))
            {
                _sentBytes += bytes;
                return true;
            }
            if (!isTooLarge) return false;
            refused = "too-large";
        }
        return ProducePointer(session, source, record, key, headers, refused);
    }

    /// <summary>A record the centre cannot take: its pointer goes to <c>edge.deadletter</c> with the same provenance, so that nothing blocks and nothing is lost unseen.</summary>
    private bool ProducePointer(TransactionSession session, SourcePartition source, in RecordView record, byte[]? key, Headers headers, string reason)
    {
        CentralTopic deadLetters = session.Topics.Known(CentralTopics.DeadLetter)!;
        if (key is null || key.Length > DeadLetterPointer.HeadBytes) key = Mapper.Device; // a huge key may be what is too large
        Headers small = DeadLetterPointer.Select(headers, reason, source.CentralTopicName);
        byte[] pointer = DeadLetterPointer.ToJson(Journal.DeviceId, Journal.LogId, source, record, reason);
        if (!session.TryProduce(null, deadLetters.Place(key), key, pointer, small, new Timestamp(Time.GetUtcNow()), out _)) return false;
        _pointers++;
        _sentBytes += key.Length + pointer.Length;
        LogDeadLetter(Logger, source.CursorKey, record.Offset, reason, record.Key.Length + record.Value.Length);
        return true;
    }

    [LoggerMessage(EventId = 4140, Level = LogLevel.Error, Message = "{Partition} offset {Offset}: only a pointer goes to edge.deadletter ({Reason}, {Bytes} bytes)")]
    private static partial void LogDeadLetter(ILogger logger, string partition, long offset, string reason, int bytes);

    [LoggerMessage(EventId = 4141, Level = LogLevel.Warning, Message = "{Partition} offsets {From} to {To} (exclusive) do not go to the centre ({Reason}); announced in edge.gaps")]
    private static partial void LogGap(ILogger logger, string partition, long from, long to, string reason);
}
