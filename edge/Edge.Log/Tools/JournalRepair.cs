using System.Globalization;
using System.Text.Json;
using Edge.Log.Segments;
using Edge.Log.Storage;

namespace Edge.Log.Tools;

/// <summary>Puts a damaged journal into a state in which it opens and every later frame is read without a search. Damaged bytes are only ever moved to quarantine, never dropped.</summary>
/// <remarks>
/// Bytes are durable in quarantine before the journal's file is touched, so a repair that is cut off is begun again and ends the same. A hole is filled with padding frames that
/// carry the missing frame sequences: offsets keep their hole, which is written to <see cref="GapsFile"/> so that the journal announces it.
/// </remarks>
public static class JournalRepair
{
    /// <summary>In the journal's directory: one JSON line per range of offsets that went to quarantine. For the operator: the forwarder announces the holes by itself when it meets them.</summary>
    public const string GapsFile = "quarantine.gaps";

    /// <summary>Looks at everything and says what would be done. Changes nothing.</summary>
    /// <exception cref="JournalFormatException">There is no journal, or a newer version wrote it.</exception>
    public static RepairPlan Plan(IDisk disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        using OfflineJournal journal = OfflineJournal.Open(disk, forRepair: true);
        VerifyReport report = JournalVerifier.Run(journal);
        List<RepairAction> actions = [];
        List<string> unrepairable = [];
        if (!journal.IsFormatGood)
        {
            if (disk.Exists(Journal.FormatFile)) actions.Add(MoveFile(disk, Journal.FormatFile, "the format file is damaged"));
            actions.Add(new RepairAction(RepairKind.WriteFormat, Journal.FormatFile, 0, 0, "", "write the format file: every segment is of this version"));
        }
        foreach (string name in journal.LostSegments) actions.Add(MoveFile(disk, name, "no frame of it verifies"));
        foreach (Segment segment in journal.RebuiltHeaders)
        {
            string name = Segment.NameOf(segment.BasePosition);
            actions.Add(new RepairAction(RepairKind.RewriteHeader, name, 0, SegmentHeader.HeaderBytes, QuarantineName(name, 0, SegmentHeader.HeaderBytes), $"{name}: write the header again from the name and the first frame"));
        }
        foreach (JournalProblem problem in report.Problems)
        {
            switch (problem.Kind)
            {
                case ProblemKind.StateSnapshot when problem.Bytes > 0: actions.Add(MoveFile(disk, problem.File, "the state snapshot does not verify")); break;
                case ProblemKind.SegmentIndex: actions.Add(MoveFile(disk, problem.File, "the index does not say what the segment holds; the next start makes it again")); break;
                case ProblemKind.MissingSegment or ProblemKind.Order or ProblemKind.Records or ProblemKind.StateSnapshot: unrepairable.Add($"{problem.File} at {problem.Position}: {problem.Text}"); break;
            }
        }
        for (int i = 0; i < journal.Segments.Count; i++) PlanSegment(journal, i, report, actions, unrepairable);
        bool mayOpen = journal.Segments.Count == 0 || journal.Segments[0].BasePosition == 0 || journal.Snapshot is not null;
        if (!mayOpen) unrepairable.Add("No state snapshot verifies and the first segments are gone, so partitions cannot be told apart: the journal does not open. Restore a backup; 'edge log dump' still shows the records.");
        return new RepairPlan(actions, unrepairable);
    }

    /// <summary>Does what the plan says.</summary>
    /// <param name="quarantine">A folder of its own, outside the journal's.</param>
    /// <exception cref="DiskException">The disk failed; what was done so far stands, and the repair can be begun again.</exception>
    public static void Apply(IDisk disk, RepairPlan plan, IDisk quarantine, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(quarantine);
        // First the account of what is lost: it must not be lost itself when a range was replaced and the process ends.
        WriteGaps(disk, plan, now);
        foreach (RepairAction action in plan.Actions)
        {
            if (action.Quarantine.Length > 0) CopyOut(disk, action, quarantine);
            switch (action.Kind)
            {
                case RepairKind.QuarantineFile: disk.Unlink(action.File); break;
                case RepairKind.WriteFormat: State.StateSnapshot.WriteAside(disk, Journal.FormatFile, System.Text.Encoding.ASCII.GetBytes(OfflineJournal.FormatText)); break;
                case RepairKind.RewriteHeader: RewriteHeader(disk, action); break;
                case RepairKind.QuarantineRange: FillRange(disk, action); break;
            }
        }
        disk.SyncDirectory();
    }

    private static void PlanSegment(OfflineJournal journal, int index, VerifyReport report, List<RepairAction> actions, List<string> unrepairable)
    {
        Segment segment = journal.Segments[index];
        string name = Segment.NameOf(segment.BasePosition);
        SegmentWalk walk = SegmentWalk.Run(segment, OfflineJournal.MaxBatchBytes, journal.SequenceAfter(index), static (in FrameHeader _, int _, ReadOnlyMemory<byte> _, in Records.RecordBatchHeader _) => { });
        int before = actions.Count;
        foreach (DamagedRange range in walk.Damage)
        {
            long bytes = range.To - range.From;
            if (!AreEndsKnown(journal, segment, range, report))
            {
                unrepairable.Add($"{name} at {range.From}: {range.Frames} damaged frames stay where they are: a partition may have ended in them, and its offsets must not be given a second time. Every start steps over them.");
                continue;
            }
            if (range.Frames * FrameHeader.HeaderBytes > bytes || range.Frames == 0)
            {
                // Fewer bytes than headers: a segment that went missing shows as damage at the end of the one before it.
                unrepairable.Add($"{name} at {range.From}: {range.Frames} frames are missing and there is no room where they were; it is stepped over at every start.");
                continue;
            }
            actions.Add(new RepairAction(RepairKind.QuarantineRange, name, range.From, bytes, QuarantineName(name, range.From, bytes), string.Create(CultureInfo.InvariantCulture, $"{name}: put padding in the place of {range.Frames} damaged frames, bytes {range.From} to {range.To - 1}"))
            {
                Lost = [.. report.Problems.Where(p => p.File == name && p.Position == range.From).SelectMany(static p => p.Lost)],
                FirstSequence = range.FirstSequence,
                Frames = range.Frames,
                FillBytes = range.IsTail ? range.Frames * FrameHeader.HeaderBytes : bytes,
            });
        }
        // Its entries may point into what becomes padding.
        string indexName = Segment.IndexNameOf(segment.BasePosition);
        if (actions.Count == before) return;
        bool isLast = index + 1 == journal.Segments.Count;
        if (isLast)
            foreach (string mark in new[] { OfflineJournal.CleanStopFile, OfflineJournal.CleanIndexFile })
                if (journal.Disk.Exists(mark) && !actions.Exists(a => a.File == mark)) actions.Add(MoveFile(journal.Disk, mark, "the segment changes; the next start reads it"));
        if (journal.Disk.Exists(indexName) && !actions.Exists(a => a.File == indexName)) actions.Add(MoveFile(journal.Disk, indexName, "the segment changes; the next start makes the index again"));
    }

    /// <summary>Padding says nothing about offsets: it may only replace frames when something behind them, or the snapshot, says where each partition they can have held ends.</summary>
    private static bool AreEndsKnown(OfflineJournal journal, Segment segment, DamagedRange range, VerifyReport report)
    {
        if (segment.BasePosition < (journal.Snapshot?.Position ?? 0)) return true;
        if (range.PartitionId >= 0) return journal.NameOf(range.PartitionId).IsInternal || HasLater(range.PartitionId);
        return journal.Partitions.Where(static p => !p.IsInternal).All(p => HasLater(p.Id));

        bool HasLater(int partitionId) => report.Partitions.Any(e => e.Name.Id == partitionId && e.Position > segment.BasePosition + range.From);
    }

    private static RepairAction MoveFile(IDisk disk, string name, string why)
    {
        using IDiskFile file = disk.Open(name, DiskOpenMode.Read);
        return new RepairAction(RepairKind.QuarantineFile, name, 0, file.Length, QuarantineName(name, 0, file.Length), $"{name}: move the file to quarantine ({why})");
    }

    private static string QuarantineName(string file, long position, long bytes) => string.Create(CultureInfo.InvariantCulture, $"{file}.{position}-{position + bytes}");

    private static void CopyOut(IDisk disk, RepairAction action, IDisk quarantine)
    {
        string name = action.Quarantine;
        for (int n = 2; quarantine.Exists(name); n++) name = string.Create(CultureInfo.InvariantCulture, $"{action.Quarantine}.{n}");
        using IDiskFile from = disk.Open(action.File, DiskOpenMode.Read), to = quarantine.Open(name, DiskOpenMode.CreateNew);
        byte[] buffer = new byte[1 << 20];
        for (long done = 0; done < action.Bytes;)
        {
            int read = from.Read(action.Position + done, buffer.AsSpan(0, (int)Math.Min(buffer.Length, action.Bytes - done)));
            if (read == 0) break;
            to.Write(done, buffer.AsSpan(0, read));
            done += read;
        }
        to.Sync();
        quarantine.SyncDirectory();
    }

    private static void RewriteHeader(IDisk disk, RepairAction action)
    {
        using OfflineJournal journal = OfflineJournal.Open(disk, forRepair: true);
        Segment segment = journal.RebuiltHeaders.First(s => Segment.NameOf(s.BasePosition) == action.File);
        using IDiskFile file = disk.Open(action.File, DiskOpenMode.ReadWrite);
        file.Write(0, segment.Header.ToBytes());
        file.Sync();
    }

    private static void FillRange(IDisk disk, RepairAction action)
    {
        using IDiskFile file = disk.Open(action.File, DiskOpenMode.ReadWrite);
        (int epoch, ushort bootTag, long ingestSequence, long durable) = Neighbour(disk, file, action);
        byte[] fill = new byte[action.FillBytes];
        // In equal parts: none is larger than the largest of the frames that were there, so none exceeds what a reader accepts.
        for (long i = 0, at = 0; i < action.Frames; i++)
        {
            int bytes = (int)(((i + 1) * fill.Length / action.Frames) - at);
            Span<byte> frame = fill.AsSpan((int)at, bytes);
            new FrameHeader(bytes - FrameHeader.HeaderBytes, FrameHeader.PaddingPartition, FrameFlags.EndsItem, bootTag, action.FirstSequence + i, ingestSequence, durable, epoch).Write(frame);
            at += bytes;
        }
        file.Write(action.Position, fill);
        file.Sync();
    }

    /// <summary>Padding must fit between its neighbours, where the epoch never falls: it takes the values of the last good frame before it, else of the segment.</summary>
    private static (int Epoch, ushort BootTag, long IngestSequence, long DurablePosition) Neighbour(IDisk disk, IDiskFile file, RepairAction action)
    {
        byte[] bytes = new byte[SegmentHeader.HeaderBytes];
        file.Read(0, bytes);
        SegmentHeader.TryRead(bytes, action.File, out SegmentHeader header);
        (int, ushort, long, long) last = (header.Epoch, 0, header.FirstIngestSequence, header.BasePosition);
        using var cursor = new FrameCursor(OfflineJournal.MaxBatchBytes);
        var segment = new Segment(disk, file, header, checked((int)file.Length));
        cursor.Start(segment, SegmentHeader.HeaderBytes, (int)action.Position);
        int at = SegmentHeader.HeaderBytes;
        while (at < action.Position && cursor.TryHeaderAt(at, out FrameHeader frame))
        {
            last = (frame.Epoch, frame.BootTag, frame.IngestSequence + (frame.IsPadding ? 0 : 1), frame.DurablePosition);
            at += frame.FrameBytes;
        }
        return last;
    }

    private static void WriteGaps(IDisk disk, RepairPlan plan, DateTimeOffset now)
    {
        using var lines = new MemoryStream();
        if (disk.Exists(GapsFile))
        {
            using IDiskFile file = disk.Open(GapsFile, DiskOpenMode.Read);
            byte[] before = new byte[file.Length];
            file.Read(0, before);
            lines.Write(before);
        }
        long length = lines.Length;
        foreach (LostOffsets lost in plan.Actions.SelectMany(static a => a.Lost))
        {
            using (var json = new Utf8JsonWriter(lines))
            {
                json.WriteStartObject();
                json.WriteString("topic"u8, lost.Partition.Topic);
                json.WriteNumber("partition"u8, lost.Partition.Partition);
                json.WriteNumber("id"u8, lost.Partition.Id);
                json.WriteNumber("from"u8, lost.From);
                json.WriteNumber("to"u8, lost.To);
                json.WriteNumber("time"u8, now.ToUnixTimeMilliseconds());
                json.WriteEndObject();
            }
            lines.WriteByte((byte)'\n');
        }
        if (lines.Length == length) return;
        State.StateSnapshot.WriteAside(disk, GapsFile, lines.ToArray());
        disk.SyncDirectory();
    }
}
