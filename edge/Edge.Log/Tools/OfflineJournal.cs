using System.Text;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;

namespace Edge.Log.Tools;

/// <summary>The files of a journal that nobody runs on, opened to be looked at. Changes nothing.</summary>
/// <remarks>The caller holds the data directory's lock (<see cref="DirectoryLock"/>): a running appliance recycles segments.</remarks>
public sealed class OfflineJournal : IDisposable
{
    /// <summary>Largest batch that is read. Bytes. More than any configuration allows; a length is checksummed before it is believed.</summary>
    internal const int MaxBatchBytes = 64 << 20;

    /// <summary>The file without which a directory is no journal.</summary>
    public const string FormatFile = Journal.FormatFile;

    /// <summary>docs/formats/journal.md: what the format file says, and the partitions that every journal has.</summary>
    internal const string FormatText = "edge-journal 1\n";
    private const int TopicsPartitionId = 0, BootsPartitionId = 1;

    /// <summary>Marks of a clean stop: a state snapshot and the newest segment's index. Derived; they say more than a repaired segment holds.</summary>
    internal const string CleanStopFile = "clean.stop", CleanIndexFile = "clean.index";

    private readonly Dictionary<int, PartitionName> _names = [];
    private readonly List<Segment> _segments = [];
    private readonly List<JournalProblem> _problems = [];

    private OfflineJournal(IDisk disk) => Disk = disk;

    internal IDisk Disk { get; }

    internal IReadOnlyList<Segment> Segments => _segments;

    /// <summary>Newest snapshot that can be used; null when there is none.</summary>
    internal StateSnapshot? Snapshot { get; private set; }

    /// <summary>Everything as the last clean stop left it, when that was the last thing that happened to the journal; else null.</summary>
    internal StateSnapshot? CleanStop { get; private set; }

    /// <summary>The format file says what it must.</summary>
    internal bool IsFormatGood { get; private set; }

    /// <summary>What was found damaged while opening: headers of segments, state snapshots.</summary>
    internal IReadOnlyList<JournalProblem> Problems => _problems;

    /// <summary>Segments by name whose place in the journal cannot be told.</summary>
    internal List<string> LostSegments { get; } = [];

    /// <summary>Segments whose header is damaged and was taken from their name and first frame.</summary>
    internal List<Segment> RebuiltHeaders { get; } = [];

    /// <summary>Opens the files for reading.</summary>
    /// <param name="forRepair">Open it also when the format file is missing or damaged, as long as every segment is of this version.</param>
    /// <exception cref="JournalFormatException">There is no journal, or a newer version wrote it. Nothing was changed.</exception>
    public static OfflineJournal Open(IDisk disk, bool forRepair = false)
    {
        ArgumentNullException.ThrowIfNull(disk);
        var journal = new OfflineJournal(disk);
        try
        {
            journal.CheckFormat(forRepair);
            journal.OpenSegments();
            journal.LoadSnapshot();
            journal.LoadNames();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>What that partition number stands for.</summary>
    public PartitionName NameOf(int partitionId) => _names.TryGetValue(partitionId, out PartitionName? name) ? name : new PartitionName(partitionId, "", -1, Guid.Empty, 0, IsDeleted: true);

    /// <summary>All partitions of topics that exist, in order of topic and partition.</summary>
    public IEnumerable<PartitionName> Partitions => _names.Values.Where(static n => !n.IsDeleted).OrderBy(static n => n.Topic, StringComparer.Ordinal).ThenBy(static n => n.Partition);

    public void Dispose()
    {
        foreach (Segment segment in _segments) segment.Release();
        _segments.Clear();
    }

    /// <summary>Frame sequence at which that segment ends; <see cref="long.MaxValue"/> where only its frames can tell: the last one, unless it was stopped cleanly.</summary>
    internal long SequenceAfter(int index) => index + 1 < _segments.Count ? _segments[index + 1].Header.FirstSequence : CleanStop?.NextSequence ?? long.MaxValue;

    private void CheckFormat(bool forRepair)
    {
        if (!Disk.Exists(FormatFile))
        {
            if (!Disk.List().Any(static n => n.EndsWith(Segment.Suffix, StringComparison.Ordinal))) throw new JournalFormatException($"There is no journal in '{Disk}'.");
            if (!forRepair) throw new JournalFormatException($"There are segments in '{Disk}' but no '{FormatFile}' file: this is no complete journal. 'edge log repair' can make the file again.");
            return;
        }
        byte[] text = new byte[64];
        int length;
        using (IDiskFile file = Disk.Open(FormatFile, DiskOpenMode.Read)) length = file.Read(0, text);
        string found = Encoding.ASCII.GetString(text, 0, length);
        IsFormatGood = found == FormatText;
        // A whole line with another number is a version, not damage: nobody but that version may touch it.
        bool isOtherVersion = found.StartsWith("edge-journal ", StringComparison.Ordinal) && found.EndsWith('\n') && found[13..^1].All(char.IsAsciiDigit) && found.Length > 14;
        if (!IsFormatGood && (isOtherVersion || !forRepair))
            throw new JournalFormatException($"The journal says '{Printable(found)}'; this version of Edge reads '{FormatText.Trim()}'. Nothing was changed.");
    }

    private static string Printable(string text) => new([.. text.Trim().Select(static c => char.IsControl(c) ? '.' : c)]);

    private void OpenSegments()
    {
        byte[] bytes = new byte[SegmentHeader.HeaderBytes];
        foreach (string name in Disk.List().Where(static n => n.EndsWith(Segment.Suffix, StringComparison.Ordinal)))
        {
            IDiskFile file = Disk.Open(name, DiskOpenMode.Read);
            try
            {
                int read = file.Read(0, bytes);
                if (SegmentHeader.TryRead(bytes.AsSpan(0, read), name, out SegmentHeader header) && Segment.NameOf(header.BasePosition) == name)
                {
                    _segments.Add(new Segment(Disk, file, header, checked((int)file.Length)));
                }
                else if (TryRebuildHeader(file, name, out header))
                {
                    var segment = new Segment(Disk, file, header, checked((int)file.Length));
                    _segments.Add(segment);
                    RebuiltHeaders.Add(segment);
                    _problems.Add(new JournalProblem(ProblemKind.SegmentHeader, name, 0, SegmentHeader.HeaderBytes, "the header does not verify; it is read by its name and first frame") { IsDerived = true });
                }
                else
                {
                    LostSegments.Add(name);
                    _problems.Add(new JournalProblem(ProblemKind.SegmentHeader, name, 0, file.Length, "the header does not verify and neither does any frame, so its place in the journal cannot be told; the journal does not open with it"));
                    file.Dispose();
                }
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        if (_segments.Count == 0 && LostSegments.Count == 0) throw new JournalFormatException($"The journal in '{Disk}' has no segment.");
    }

    private bool TryRebuildHeader(IDiskFile file, string name, out SegmentHeader header)
    {
        header = default;
        if (!long.TryParse(name.AsSpan(0, name.Length - Segment.Suffix.Length), out long basePosition)) return false;
        int capacity = checked((int)file.Length);
        using var cursor = new FrameCursor(MaxBatchBytes);
        cursor.Start(new Segment(Disk, file, default, capacity), SegmentHeader.HeaderBytes, capacity);
        for (int at = SegmentHeader.HeaderBytes; at < capacity; at = cursor.FindMagic(at + 1))
        {
            if (!cursor.TryHeaderAt(at, out FrameHeader frame)) continue;
            if (_segments.Count > 0 && frame.Sequence <= _segments[^1].Header.FirstSequence) continue; // of an earlier use of the file
            header = new SegmentHeader(basePosition, frame.Sequence, frame.IngestSequence, frame.Epoch);
            return true;
        }
        return false;
    }

    private void LoadSnapshot()
    {
        foreach (string name in Disk.List().Where(static n => n.EndsWith(StateSnapshot.Suffix, StringComparison.Ordinal)).Reverse())
        {
            if (StateSnapshot.TryLoad(Disk, name) is not { } snapshot)
                _problems.Add(new JournalProblem(ProblemKind.StateSnapshot, name, 0, LengthOf(name), "the state snapshot does not verify; an older one is used and more of the journal is read") { IsDerived = true });
            else if (Snapshot is null && _segments.Exists(s => s.BasePosition == snapshot.Position)) Snapshot = snapshot;
        }
        if (!Disk.Exists(CleanStopFile)) return;
        if (StateSnapshot.TryLoad(Disk, CleanStopFile) is not { } clean)
            _problems.Add(new JournalProblem(ProblemKind.StateSnapshot, CleanStopFile, 0, LengthOf(CleanStopFile), "the mark of a clean stop does not verify; the newest segment is read instead") { IsDerived = true });
        else if (_segments.Count > 0 && clean.Position == _segments[^1].BasePosition) CleanStop = clean;
    }

    private long LengthOf(string name)
    {
        using IDiskFile file = Disk.Open(name, DiskOpenMode.Read);
        return file.Length;
    }

    private void LoadNames()
    {
        Apply(Journal.TopicsTable, new TopicEntry(Guid.Empty, [TopicsPartitionId], [0], new Topics.TopicConfig(), IsDeleted: false));
        Apply(Journal.BootsTable, new TopicEntry(Guid.Empty, [BootsPartitionId], [0], new Topics.TopicConfig(), IsDeleted: false));
        if (Snapshot?.Tables.TryGetValue(Journal.TopicsTable, out List<KeyValuePair<string, byte[]>>? topics) == true)
            foreach ((string topic, byte[] value) in topics!) Apply(topic, TopicEntry.Parse(value));
        for (int i = 0; i < _segments.Count; i++)
        {
            if (_segments[i].BasePosition < (Snapshot?.Position ?? 0)) continue;
            SegmentWalk.Run(_segments[i], MaxBatchBytes, SequenceAfter(i), (in FrameHeader frame, int _, ReadOnlyMemory<byte> batch, in RecordBatchHeader _) =>
            {
                if (frame.PartitionId != TopicsPartitionId) return;
                foreach (RecordView record in RecordEnumerator.OverBatch(batch.Span))
                    if (record.HasValue) Apply(Encoding.UTF8.GetString(record.Key), TopicEntry.Parse(record.Value.ToArray()));
            });
        }
    }

    private void Apply(string topic, TopicEntry entry)
    {
        for (int i = 0; i < entry.PartitionIds.Length; i++)
            _names[entry.PartitionIds[i]] = new PartitionName(entry.PartitionIds[i], topic, i, entry.Id, entry.IsDeleted ? 0 : entry.StartOffsets[i], entry.IsDeleted);
    }
}
