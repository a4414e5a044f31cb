using System.Text;
using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Edge.CloudSync.Provenance;
using Edge.Log.Gaps;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync.Forwarding;

/// <summary>From the journal into the client, without waiting: what has to wait says so and is called again.</summary>
internal sealed partial class AtLeastOnceForwarder
{
    private const int MessageOverheadBytes = 70; // framing of one record in its own batch

    private enum SendResult : byte
    {
        /// <summary>Handed on, or interrupted for housekeeping: call again.</summary>
        Done,
        Empty,
        NoRoom,

        /// <summary>The topic in <see cref="_lookup"/> has to be looked up first.</summary>
        LookUp,
        Fault,
    }

    private readonly BatchRecords _batch = new();

    private SendResult SendWhatIsThere(ProducerSession session)
    {
        while (session.Fault is null)
        {
            if (_current is null)
            {
                if (Wanted is not null || Time.GetElapsedTime(_lastFlush) >= Options.CursorInterval && !Cursors.IsBusy) return SendResult.Done;
                if (!Reader.TryRead(out JournalEntry entry)) return SendResult.Empty;
                _current = entry;
            }
            JournalEntry current = _current.Value;
            if (Sources.Find(current.Partition) is { IsHeldBack: false } source && !current.Partition.Topic.IsDeleted)
            {
                SendResult result = SendEntry(session, source, current);
                if (result != SendResult.Done) return result;
            }
            _current = null;
        }
        return SendResult.Fault;
    }

    private SendResult SendEntry(ProducerSession session, SourcePartition source, in JournalEntry entry)
    {
        if (entry.LastOffset < source.NextToRead) return SendResult.Done; // read again after a rewind of others
        ReadOnlySpan<byte> batch = entry.Batch.Span;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch);
        if (entry.BaseOffset >= source.Partition.LastStableOffset)
        {
            // A local transaction is open: what it holds may be undone, and what follows keeps its place behind it.
            source.ResumeSequence = source.SequenceToResume(entry.IngestSequence);
            source.IsHeldBack = source.IsUnstable = true;
            return SendResult.Done;
        }
        SendResult result = CloseHole(session, source, entry);
        if (result != SendResult.Done) return result;
        if (!header.IsControl && !source.Partition.IsAborted(header))
        {
            source.Central ??= session.Topics.Known(source.CentralTopicName);
            if (source.Central is null) return NeedTopic(source.CentralTopicName, source);
            if (source.IsStale(header.BaseTimestampMs, Time.GetUtcNow()))
            {
                string what = StaleText(source, header.BaseTimestampMs);
                if (Options.StaleBacklog == "hold")
                {
                    Hold(source, what + " Sync:StaleBacklog=hold keeps it here.");
                    return SendResult.Done;
                }
                if (!source.IsKnownStale) LogStale(Logger, source.CursorKey, what);
                source.IsKnownStale = true;
            }
            result = _batch.TryOpen(header, batch, entry.IngestSequence, out ReadOnlySpan<byte> records)
                ? SendRecords(session, source, header, records, entry)
                : SendGap(session, source, entry.LastOffset + 1, "undecodable", entry.IngestSequence);
            if (result != SendResult.Done) return result;
        }
        if (source.NextToRead <= entry.LastOffset) SkipTo(source, entry.LastOffset + 1);
        return SendResult.Done;
    }

    private SendResult SendRecords(ProducerSession session, SourcePartition source, in RecordBatchHeader header, ReadOnlySpan<byte> records, in JournalEntry entry)
    {
        var walk = new RecordEnumerator(header, records);
        while (walk.MoveNext())
        {
            RecordView record = walk.Current;
            if (record.Offset < source.NextToRead) continue;
            SendResult result = SendRecord(session, source, record, entry.IngestSequence);
            if (result != SendResult.Done) return result;
            source.NextToRead = record.Offset + 1;
            source.LastSent = record.Offset;
        }
        return walk.IsMalformed ? SendGap(session, source, entry.LastOffset + 1, "undecodable", entry.IngestSequence) : SendResult.Done;
    }

    /// <summary>Offsets missing before a batch: removed by retention or unreadable by damage (both announced), or compacted away (superseded: nothing to announce).</summary>
    private SendResult CloseHole(ProducerSession session, SourcePartition source, in JournalEntry entry)
    {
        if (entry.BaseOffset <= source.NextToRead) return SendResult.Done;
        long removedTo = Math.Min(source.Partition.LogStartOffset, entry.BaseOffset);
        if (removedTo > source.NextToRead)
        {
            foreach ((long end, string reason) in RemovedRanges.Of(Journal, source.Partition, source.NextToRead, removedTo, GapReason.Retention))
            {
                SendResult result = SendGap(session, source, end, reason, entry.IngestSequence);
                if (result != SendResult.Done) return result;
            }
        }
        if (entry.BaseOffset <= source.NextToRead) return SendResult.Done;
        if (!source.Partition.Topic.Config.CleanupPolicy.HasFlag(CleanupPolicy.Compact)) return SendGap(session, source, entry.BaseOffset, "damaged", entry.IngestSequence);
        SkipTo(source, entry.BaseOffset);
        return SendResult.Done;
    }

    private SendResult SendRecord(ProducerSession session, SourcePartition source, in RecordView record, long ingestSequence)
    {
        if (!session.HasRoom) return SendResult.NoRoom;
        bool careful = record.Offset < source.CarefulUntil;
        if (careful && session.InFlightRecords > 0) return SendResult.NoRoom;
        source.Central ??= session.Topics.Known(source.CentralTopicName);
        if (source.Central is not { } central) return NeedTopic(source.CentralTopicName, source);

        bool hasEdgeId = record.TryGetHeader("edge.id"u8, out _);
        byte[]? key = Mapper.MapKey(source, record, hasEdgeId);
        Headers headers = Mapper.MapHeaders(source, record, source.LastSent, hasEdgeId, out int headerBytes);
        int bytes = (key?.Length ?? 0) + record.Value.Length + headerBytes;
        string? refused = source.PoisonReason(record.Offset);
        if (refused is null && bytes + MessageOverheadBytes > Options.MessageMaxBytes) refused = "too-large";
        if (refused is not null) return SendPointer(session, source, record, key, headers, refused, ingestSequence);

        TopicPartition to = central.Place(key ?? Mapper.Device);
        Timestamp timestamp = record.TimestampMs >= 0 ? new Timestamp(record.TimestampMs, TimestampType.CreateTime) : Timestamp.Default;
        if (session.TryProduce(source, to, key, Mapper.MapValue(record), headers, timestamp, record.Offset, record.Offset + 1, ingestSequence, bytes, SentAs.Record,
            careful, out bool isTooLarge)) return SendResult.Done;
        if (isTooLarge) return SendPointer(session, source, record, key, headers, "too-large", ingestSequence);
        return session.Fault is null ? SendResult.NoRoom : SendResult.Fault;
    }

    /// <summary>A record the centre cannot take: its pointer goes to <c>edge.deadletter</c> with the same provenance, so that nothing blocks and nothing is lost unseen.</summary>
    private SendResult SendPointer(ProducerSession session, SourcePartition source, in RecordView record, byte[]? key, Headers headers, string reason, long ingestSequence)
    {
        if (session.Topics.Known(CentralTopics.DeadLetter) is not { } deadLetters) return NeedTopic(CentralTopics.DeadLetter, source);
        if (key is null || key.Length > DeadLetterPointer.HeadBytes) key = Mapper.Device; // a huge key may be what is too large
        Headers small = DeadLetterPointer.Select(headers, reason, source.CentralTopicName);
        byte[] pointer = DeadLetterPointer.ToJson(Journal.DeviceId, Journal.LogId, source, record, reason);
        if (!session.TryProduce(source, deadLetters.Place(key), key, pointer, small, new Timestamp(Time.GetUtcNow()), record.Offset, record.Offset + 1, ingestSequence,
            key.Length + pointer.Length, SentAs.Pointer, exclusive: false, out _)) return session.Fault is null ? SendResult.NoRoom : SendResult.Fault;
        LogDeadLetter(Logger, source.CursorKey, record.Offset, reason, record.Key.Length + record.Value.Length);
        return SendResult.Done;
    }

    /// <summary>Announces [NextToRead, <paramref name="to"/>) in <c>edge.gaps</c>; the cursor moves over it when the centre has the announcement.</summary>
    private SendResult SendGap(ProducerSession session, SourcePartition source, long to, string reason, long ingestSequence)
    {
        if (!session.HasRoom) return SendResult.NoRoom;
        if (session.Topics.Known(CentralTopics.Gaps) is not { } gaps) return NeedTopic(CentralTopics.Gaps, source);
        long from = source.NextToRead;
        JournalGap gap = source.GapOf(Journal.LogId, from, to, reason, Time.GetUtcNow());
        byte[] value = gap.ToJson(Journal.DeviceId);
        if (!session.TryProduce(source, gaps.Place(Mapper.Device), Mapper.Device, value, [], new Timestamp(gap.Time), -1, to, ingestSequence, value.Length, SentAs.Gap,
            exclusive: false, out _)) return session.Fault is null ? SendResult.NoRoom : SendResult.Fault;
        source.NextToRead = to;
        LogGap(Logger, source.CursorKey, from, to, reason);
        return SendResult.Done;
    }

    private SendResult NeedTopic(string topic, SourcePartition source)
    {
        _lookup = (topic, source);
        return SendResult.LookUp;
    }

    private static void SkipTo(SourcePartition source, long next)
    {
        source.Tracker.Skip(next);
        source.NextToRead = next;
    }

    [LoggerMessage(EventId = 4140, Level = LogLevel.Error, Message = "{Partition} offset {Offset}: only a pointer went to edge.deadletter ({Reason}, {Bytes} bytes)")]
    private static partial void LogDeadLetter(ILogger logger, string partition, long offset, string reason, int bytes);

    [LoggerMessage(EventId = 4141, Level = LogLevel.Warning, Message = "{Partition} offsets {From} to {To} (exclusive) never went to the centre ({Reason}); announced in edge.gaps")]
    private static partial void LogGap(ILogger logger, string partition, long from, long to, string reason);
}
