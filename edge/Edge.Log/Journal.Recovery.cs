using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Edge.Log.Lineage;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Log;

/// <summary>Opening: load the newest state snapshot, read the frames after it, decide where the journal ends, begin a new boot.</summary>
public sealed partial class Journal
{
    internal const string FormatFile = "journal.format";
    private const string FormatText = "edge-journal 1\n", Aside = ".tmp";
    private const int BootsKept = 1000;

    /// <summary>Recovers what is there, or prepares an empty journal. Nothing is deleted but files that were never part of it.</summary>
    private void Recover()
    {
        CheckFormat();
        foreach (string name in _disk.List())
            if (name == SpareName || name.EndsWith(Aside, StringComparison.Ordinal)) _disk.Unlink(name);
        Topics.AddTable(TopicsTable, new Guid("00000000-0000-0000-0000-000000000001"), TopicsPartitionId);
        Topics.AddTable(BootsTable, new Guid("00000000-0000-0000-0000-000000000002"), BootsPartitionId);

        List<Segment> segments = OpenSegments();
        if (segments.Count == 0)
        {
            CreateSpare();
            _active = StartSegment(0);
            _segments = [_active];
            return;
        }
        _segments = [.. segments];
        _active = segments[^1];
        Statistics.SegmentsCount = segments.Count;
        Statistics.StoredCount = segments.Sum(s => (long)s.Capacity);

        // A roll that a crash interrupted may have left an index of what is active again; it would say too little at the next one.
        if (_disk.Exists(Segment.IndexNameOf(_active.BasePosition))) _disk.Unlink(Segment.IndexNameOf(_active.BasePosition));
        bool wasStopped = TryLoadCleanMark(_active);
        int replayFrom = wasStopped ? segments.Count - 1 : LoadState(segments);
        for (int i = 0; i < replayFrom; i++) LoadSealed(segments[i], segments[i + 1].Header.FirstSequence);
        for (int i = replayFrom; i < segments.Count && !wasStopped; i++) Replay(segments[i], i + 1 < segments.Count ? segments[i + 1].Header.FirstSequence : long.MaxValue);
        // A killed process may have left frames and names that only the page cache knew: they are shown, and appended to, only once they are durable.
        RemoveCleanMark();
        _active.File.Sync();
        _disk.SyncDirectory();
        _preparedTo = _active.End; // what lies behind may be anything: it is zeroed again before it is used
        Volatile.Write(ref _durableSequence, _nextIngestSequence);
        SettleDamagedEnds();
        foreach (Partition partition in _partitions.Values) SettleStart(partition);
    }

    private void CheckFormat()
    {
        if (_disk.Exists(FormatFile))
        {
            byte[] text = new byte[64];
            int length;
            using (IDiskFile file = _disk.Open(FormatFile, DiskOpenMode.Read)) length = file.Read(0, text);
            string found = Encoding.ASCII.GetString(text, 0, length);
            if (found != FormatText)
                throw new JournalFormatException($"The journal says '{found.Trim()}'; this version of Edge reads '{FormatText.Trim()}'. Nothing was changed.");
            return;
        }
        if (_disk.List().Any(n => n.EndsWith(Segment.Suffix, StringComparison.Ordinal)))
            throw new JournalFormatException($"There are segments but no '{FormatFile}' file: this is no complete journal. Nothing was changed.");
        StateSnapshot.WriteAside(_disk, FormatFile, Encoding.ASCII.GetBytes(FormatText));
        _disk.SyncDirectory();
    }

    private List<Segment> OpenSegments()
    {
        var segments = new List<Segment>();
        byte[] bytes = new byte[SegmentHeader.HeaderBytes];
        foreach (string name in _disk.List().Where(n => n.EndsWith(Segment.Suffix, StringComparison.Ordinal)))
        {
            IDiskFile file = _disk.Open(name, DiskOpenMode.ReadWrite);
            try
            {
                int read = file.Read(0, bytes);
                bool isWhole = SegmentHeader.TryRead(bytes.AsSpan(0, read), name, out SegmentHeader header) && Segment.NameOf(header.BasePosition) == name;
                // A segment gets its name only after its header is durable: this one was damaged later, and the first frame tells what it said.
                if (!isWhole && !TryRebuildHeader(file, name, segments.LastOrDefault(), out header))
                    throw new JournalFormatException($"Segment '{name}' has a damaged header and no frame that verifies, so its place in the journal cannot be told. Nothing was changed; move the file away to go on without it.");
                if (!isWhole)
                {
                    LogHeaderRebuilt(name);
                    CountDamage(SegmentHeader.HeaderBytes);
                }
                segments.Add(new Segment(_disk, file, header, checked((int)file.Length)));
            }
            catch
            {
                file.Dispose();
                foreach (Segment opened in segments) opened.Release();
                throw;
            }
        }
        return segments;
    }

    private bool TryRebuildHeader(IDiskFile file, string name, Segment? before, out SegmentHeader header)
    {
        header = default;
        if (!long.TryParse(name.AsSpan(0, name.Length - Segment.Suffix.Length), out long basePosition)) return false;
        int capacity = checked((int)file.Length);
        using var cursor = new FrameCursor(Options.MaxBatchBytes);
        cursor.Start(new Segment(_disk, file, default, capacity), SegmentHeader.HeaderBytes, capacity);
        for (int at = SegmentHeader.HeaderBytes; at < capacity; at = cursor.FindMagic(at + 1))
        {
            if (!cursor.TryHeaderAt(at, out FrameHeader frame)) continue;
            if (before is not null && frame.Sequence <= before.Header.FirstSequence) continue; // of an earlier use of the file
            header = new SegmentHeader(basePosition, frame.Sequence, frame.IngestSequence, frame.Epoch);
            return true;
        }
        return false;
    }

    /// <summary>Loads the newest usable snapshot. Returns the index of the first segment whose frames come after it.</summary>
    private int LoadState(List<Segment> segments)
    {
        _nextSequence = segments[0].Header.FirstSequence;
        _nextIngestSequence = segments[0].Header.FirstIngestSequence;
        foreach (string name in _disk.List().Where(n => n.EndsWith(StateSnapshot.Suffix, StringComparison.Ordinal)).Reverse())
        {
            if (StateSnapshot.TryLoad(_disk, name) is not { } snapshot)
            {
                LogSnapshotDamaged(name);
                continue;
            }
            int index = segments.FindIndex(s => s.BasePosition == snapshot.Position);
            if (index < 0) continue; // saved before a roll that never got its segment
            Restore(snapshot);
            RememberSnapshots(snapshot.Position);
            return index;
        }
        if (segments[0].BasePosition != 0)
            throw new JournalFormatException("No state snapshot is usable and the first segments are gone, so partitions cannot be told apart. Nothing was changed.");
        return 0;
    }

    /// <summary>The loaded snapshot and those before it stay; damaged or homeless later ones go at the next roll.</summary>
    private void RememberSnapshots(long loaded)
    {
        foreach (string name in _disk.List().Where(n => n.EndsWith(StateSnapshot.Suffix, StringComparison.Ordinal)))
            if (long.TryParse(name.AsSpan(0, name.Length - StateSnapshot.Suffix.Length), out long position) && position <= loaded) _snapshots.Add(position);
    }

    private void Restore(StateSnapshot snapshot)
    {
        _nextSequence = snapshot.NextSequence;
        _nextIngestSequence = snapshot.NextIngestSequence;
        Epoch = snapshot.Epoch;
        if (snapshot.Tables.TryGetValue(TopicsTable, out List<KeyValuePair<string, byte[]>>? topics))
            foreach ((string key, byte[] value) in topics) ApplyTableChange(_tables[TopicsTable], key, value);
        foreach ((string name, List<KeyValuePair<string, byte[]>> values) in snapshot.Tables)
            if (name != TopicsTable && _tables.TryGetValue(name, out KeyedTable? table))
                foreach ((string key, byte[] value) in values) ApplyTableChange(table, key, value);
        foreach ((int id, PartitionState state) in snapshot.Partitions)
        {
            if (!_partitions.TryGetValue(id, out Partition? partition)) continue;
            partition.LogStartOffset = Math.Max(partition.LogStartOffset, state.StartOffset);
            partition.HighWatermark = partition.LogEndOffset = state.EndOffset;
            partition.Producers = state.Producers;
            partition.Transactions = state.Transactions;
        }
    }

    /// <summary>A segment older than the snapshot: its sidecar says what it holds; without one its frames are read again.</summary>
    private void LoadSealed(Segment segment, long nextFirstSequence)
    {
        try
        {
            using IDiskFile file = _disk.Open(Segment.IndexNameOf(segment.BasePosition), DiskOpenMode.Read);
            if (SegmentIndexFile.TryReadSpans(file, segment.BasePosition, out int end, out PartitionSpan[] spans) && end <= segment.Capacity)
            {
                segment.End = end;
                segment.Spans = spans;
                return;
            }
        }
        catch (DiskException) { /* missing: rebuilt below */ }
        segment.Active = new SegmentIndex();
        SegmentScan scan = SegmentScan.Run(segment, Options.MaxBatchBytes, nextFirstSequence, (_, _) => { });
        ReportDamage(segment, scan);
        SealIndex(segment);
        segment.Active = null;
    }

    private void Replay(Segment segment, long nextFirstSequence)
    {
        bool isActive = nextFirstSequence == long.MaxValue;
        segment.Active = new SegmentIndex();
        SegmentScan scan = SegmentScan.Run(segment, Options.MaxBatchBytes, nextFirstSequence, ApplyFrame, _damages.Add);
        ReportDamage(segment, scan);
        Epoch = Math.Max(Epoch, scan.MaxEpoch);
        _nextSequence = isActive ? scan.NextSequence : nextFirstSequence;
        if (isActive) return;
        SealIndex(segment);
        segment.Active = null;
    }

    private void ApplyFrame(FrameHeader frame, ReadOnlyMemory<byte> batch)
    {
        _nextIngestSequence = frame.IngestSequence + 1;
        if (!_partitions.TryGetValue(frame.PartitionId, out Partition? partition)) return;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch.Span);
        if (header.IsTransactional) partition.Transactions.Apply(header, batch.Span);
        NoteReplayed(partition, frame, header);
        partition.HighWatermark = partition.LogEndOffset = header.LastOffset + 1;
        if (header.HasProducer) partition.Producers.Record(header, header.BaseOffset);
        if (!partition.Topic.IsInternal || !_tables.TryGetValue(partition.Topic.Name, out KeyedTable? table)) return;
        foreach (RecordView record in RecordEnumerator.OverBatch(batch.Span))
            ApplyTableChange(table, Encoding.UTF8.GetString(record.Key), record.HasValue ? record.Value.ToArray() : (ReadOnlyMemory<byte>?)null);
    }

    private void SettleStart(Partition partition)
    {
        // A log start is durable after the records below it: when those are damaged, their offsets still are not given again.
        if (partition.LogStartOffset > partition.HighWatermark) partition.HighWatermark = partition.LogEndOffset = partition.LogStartOffset;
        foreach (Segment segment in _segments)
        {
            if (!segment.TryGetSpan(partition.Id, out PartitionSpan span)) continue;
            partition.LogStartOffset = Math.Max(partition.LogStartOffset, span.FirstOffset);
            return;
        }
        partition.LogStartOffset = Math.Max(partition.LogStartOffset, partition.HighWatermark);
    }

    /// <summary>The first frame of every boot: its epoch and boot id, durable before anything else of it.</summary>
    private void BeginBoot()
    {
        KeyedTable boots = _tables[BootsTable];
        Epoch++;
        BootTag = (ushort)(BitConverter.ToUInt16(BootId.ToByteArray()) | 1); // never 0, which means unknown
        DeviceId = Options.DeviceId.Length > 0 ? Options.DeviceId : TextOf(boots, "device") ?? NewDeviceId();
        LogId = TextOf(boots, "log") ?? JournalLineage.NewLogId();
        if (TextOf(boots, "device") != DeviceId) _ = boots.PutAsync("device", Encoding.UTF8.GetBytes(DeviceId));
        if (TextOf(boots, "log") is null) _ = boots.PutAsync("log", Encoding.UTF8.GetBytes(LogId));
        var boot = new BootRecord(Epoch, BootId, LogId, TimeProvider.GetUtcNow(), MovedEnds());
        _ = boots.PutAsync(JournalLineage.BootPrefix + Epoch.ToString(CultureInfo.InvariantCulture), boot.ToJson());
        if (Epoch > BootsKept) _ = boots.PutAsync(string.Create(null, $"boot/{Epoch - BootsKept}"), null);
        AnnounceHoles();
        // Other media settings than before, or a cut: begin on a page of its own.
        if (PaddingAt(_active.End) > 0) RollAtBoot();
        while (RunCommitOnce()) { }
        // A boot that is not on record must not append, and its epoch may be given again: opening fails with what the disk said.
        if (Fault is not null) throw Fault.InnerException ?? Fault;
    }

    /// <summary>Ends of the partitions that moved since the boot before: where this boot's offsets begin. Bounded: what does not fit into one record is left out, oldest knowledge stands.</summary>
    private Dictionary<string, long> MovedEnds()
    {
        var known = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (BootRecord boot in Lineage.Boots)
            foreach ((string name, long offset) in boot.Starts) known[name] = offset;
        var moved = new Dictionary<string, long>(StringComparer.Ordinal);
        int left = Options.MaxBatchBytes / 2;
        foreach (Partition partition in _partitions.Values)
        {
            if (partition.Topic.IsInternal || partition.Topic.IsDeleted) continue;
            string name = JournalLineage.PartitionKey(partition);
            if (known.TryGetValue(name, out long before) && before == partition.HighWatermark) continue;
            if ((left -= name.Length + 30) < 0) break;
            moved[name] = partition.HighWatermark;
        }
        return moved;
    }

    private void RollAtBoot()
    {
        if (_spare is null) CreateSpare();
        Roll();
    }

    private static string? TextOf(KeyedTable table, string key) => table.TryGet(key, out ReadOnlyMemory<byte> value) ? Encoding.UTF8.GetString(value.Span) : null;

    private static string NewDeviceId() => "edge-" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 8);

    [LoggerMessage(1023, LogLevel.Error, "Segment {Name} has a damaged header; it is read by its name and first frame")]
    private partial void LogHeaderRebuilt(string name);

    [LoggerMessage(1021, LogLevel.Warning, "State snapshot {Name} is damaged; an older one is used and more of the journal read")]
    private partial void LogSnapshotDamaged(string name);
}
