using Edge.Log.Compression;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;

namespace Edge.Log.Tools;

/// <summary>Reads everything a journal holds and checks it: checksums, sequences, offsets, records inside batches, sidecars and snapshots against the frames.</summary>
/// <remarks>Memory does not grow with the journal, only with the number of partitions and problems.</remarks>
public sealed class JournalVerifier
{
    /// <summary>Problems that are listed; more are counted into the last one.</summary>
    public const int MaxProblems = 1000;

    private readonly OfflineJournal _journal;
    private readonly VerifyReport _report = new();
    private readonly Dictionary<int, PartitionExtent> _extents = [];
    private readonly List<JournalProblem> _problems;
    private readonly List<(long Position, JournalProblem Problem)> _damage = [];
    private long _ingestSequence = -1, _unlisted;

    private JournalVerifier(OfflineJournal journal)
    {
        _journal = journal;
        _problems = [.. journal.Problems];
    }

    /// <summary>Reads the whole journal once.</summary>
    /// <exception cref="DiskException">The disk failed while reading.</exception>
    public static VerifyReport Run(OfflineJournal journal, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var verifier = new JournalVerifier(journal);
        verifier.Verify(cancellationToken);
        return verifier._report;
    }

    private void Verify(CancellationToken cancellationToken)
    {
        Dictionary<long, StateSnapshot> snapshots = Snapshots();
        for (int i = 0; i < _journal.Segments.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Segment segment = _journal.Segments[i];
            if (snapshots.TryGetValue(segment.BasePosition, out StateSnapshot? snapshot)) CheckSnapshot(snapshot);
            VerifySegment(segment, i);
        }
        if (_journal.CleanStop is { } clean) CheckSnapshot(clean);
        _report.Segments = _journal.Segments.Count;
        _report.Partitions = [.. _extents.Values.OrderBy(static e => e.Name.Topic, StringComparer.Ordinal).ThenBy(static e => e.Name.Partition).ThenBy(static e => e.Name.Id)];
        if (_unlisted > 0) _problems.Add(new JournalProblem(ProblemKind.Frames, "", 0, 0, $"{_unlisted} more problems are not listed"));
        _report.Problems = [.. _problems.OrderBy(static p => p.File, StringComparer.Ordinal).ThenBy(static p => p.Position)];
    }

    private void VerifySegment(Segment segment, int index)
    {
        string name = Segment.NameOf(segment.BasePosition);
        long next = _journal.SequenceAfter(index);
        var found = new SegmentIndex();
        SegmentWalk walk = SegmentWalk.Run(segment, OfflineJournal.MaxBatchBytes, next, (in FrameHeader frame, int position, ReadOnlyMemory<byte> batch, in RecordBatchHeader header) =>
        {
            found.Add(frame, header, position);
            VerifyFrame(segment, name, frame, position, batch.Span, header);
        });
        long end = segment.BasePosition + segment.Capacity;
        bool isNextMissing = index + 1 < _journal.Segments.Count && _journal.Segments[index + 1].BasePosition > end;
        foreach (DamagedRange range in walk.Damage)
        {
            if (range.IsTail && isNextMissing) AddMissing(end, _journal.Segments[index + 1].BasePosition - end, range);
            else AddDamage(segment, name, range);
        }
        // Frames behind the damage were handed out before it was known: what is missing is told from the offsets around it.
        AttributeHoles(segment, walk);
        _report.Frames += walk.Frames;
        _report.Bytes += walk.End;
        _report.EndPosition = segment.BasePosition + walk.End;
        _report.HasTornTail |= walk.HasTornTail;
        if (index + 1 == _journal.Segments.Count) return;
        segment.End = walk.End;
        if (walk.Damage.Count == 0) CheckIndex(segment, found);
    }

    private readonly List<(PartitionExtent Extent, long From, long To, long After, long Before)> _holes = [];

    private void VerifyFrame(Segment segment, string name, in FrameHeader frame, int position, ReadOnlySpan<byte> batch, in RecordBatchHeader header)
    {
        if (!_extents.TryGetValue(frame.PartitionId, out PartitionExtent? extent)) _extents.Add(frame.PartitionId, extent = NewExtent(frame.PartitionId));
        long at = segment.BasePosition + position;
        if (header.BaseOffset < extent.End && extent.First >= 0)
            Add(new JournalProblem(ProblemKind.Order, name, position, frame.FrameBytes, $"{extent.Name}: a batch at offset {header.BaseOffset} after offset {extent.End - 1}"));
        else if (header.BaseOffset > extent.End && extent.End >= 0 && (extent.First >= 0 || extent.End > 0 || _journal.Segments[0].BasePosition == 0))
        {
            _holes.Add((extent, extent.End, header.BaseOffset - 1, extent.Position, at));
            extent.MissingOffsets += extent.First >= 0 ? header.BaseOffset - extent.End : 0;
        }
        if (frame.IngestSequence <= _ingestSequence)
            Add(new JournalProblem(ProblemKind.Order, name, position, frame.FrameBytes, $"{extent.Name}: ingest sequence {frame.IngestSequence} after {_ingestSequence}"));
        _ingestSequence = Math.Max(_ingestSequence, frame.IngestSequence);
        if (ProblemOf(header, batch) is { } problem) Add(new JournalProblem(ProblemKind.Records, name, position, frame.FrameBytes, $"{extent.Name} offset {header.BaseOffset}: {problem}"));
        if (extent.First < 0) extent.First = header.BaseOffset;
        extent.End = Math.Max(extent.End, header.LastOffset + 1);
        extent.Position = at + frame.FrameBytes;
        extent.Batches++;
        extent.Records += header.RecordCount;
        extent.Bytes += header.SizeBytes;
        _report.Batches++;
        _report.Records += header.RecordCount;
    }

    /// <summary>Null when the records are what the header says.</summary>
    private static string? ProblemOf(in RecordBatchHeader header, ReadOnlySpan<byte> batch)
    {
        ReadOnlySpan<byte> records = batch[RecordBatchHeader.HeaderBytes..];
        if (header.Codec != CompressionCodec.None)
        {
            if (!BatchDecompressor.TryDecompress(header, records, BatchDecompressor.DefaultMaxBytes, out byte[] plain)) return $"the {header.Codec} compressed records cannot be unpacked";
            records = plain;
        }
        var walk = new RecordEnumerator(header, records);
        long count = 0, last = header.BaseOffset - 1;
        while (walk.MoveNext())
        {
            if (walk.Current.Offset <= last) return $"record {count} has offset {walk.Current.Offset} after {last}";
            last = walk.Current.Offset;
            count++;
        }
        if (walk.IsMalformed || count != header.RecordCount) return $"record {count} of {header.RecordCount} cannot be read";
        return walk.BytesLeft > 0 ? $"{walk.BytesLeft} bytes are left after the last record" : null;
    }

    private void AddDamage(Segment segment, string name, DamagedRange range)
    {
        string frames = range.Frames == 1 ? "1 frame that was" : $"{range.Frames} frames that were";
        var problem = new JournalProblem(ProblemKind.Frames, name, range.From, range.To - range.From, $"{frames} durable cannot be read; frame sequence {range.FirstSequence}, journal position {segment.BasePosition + range.From}");
        Add(problem);
        _damage.Add((segment.BasePosition + range.From, problem));
    }

    private void AddMissing(long position, long bytes, DamagedRange range)
    {
        var problem = new JournalProblem(ProblemKind.MissingSegment, Segment.NameOf(position), 0, bytes, $"the segment is not there: {range.Frames} frames from sequence {range.FirstSequence} are missing");
        Add(problem);
        _damage.Add((position, problem));
    }

    /// <summary>A hole in a partition's offsets belongs to the damage that lies between its frames; the one without is compaction or an abort.</summary>
    private void AttributeHoles(Segment segment, SegmentWalk walk)
    {
        foreach ((PartitionExtent extent, long from, long to, long after, long before) in _holes)
        {
            foreach ((long position, JournalProblem problem) in _damage)
                if (position >= after && position < before) problem.Lost.Add(new LostOffsets(extent.Name, from, to));
        }
        _holes.Clear();
        foreach (DamagedRange range in walk.Damage)
        {
            if (range.PartitionId < 0) continue;
            JournalProblem? problem = _damage.Find(d => d.Position == segment.BasePosition + range.From).Problem;
            // Nothing came after it in this partition, so the end is not known.
            if (problem is not null && !problem.Lost.Exists(l => l.Partition.Id == range.PartitionId)) problem.Lost.Add(new LostOffsets(_journal.NameOf(range.PartitionId), range.BaseOffset, -1));
        }
    }

    private void CheckIndex(Segment segment, SegmentIndex found)
    {
        string name = Segment.IndexNameOf(segment.BasePosition);
        if (!_journal.Disk.Exists(name)) return; // made again at the next start
        using IDiskFile file = _journal.Disk.Open(name, DiskOpenMode.Read);
        (PartitionSpan[] spans, IndexEntry[] entries) = found.Freeze();
        byte[] expected = SegmentIndexFile.Encode(segment.BasePosition, segment.End, spans, entries), actual = new byte[file.Length];
        file.Read(0, actual);
        int difference = expected.AsSpan().CommonPrefixLength(actual);
        if (difference == expected.Length && difference == actual.Length) return;
        if (SegmentIndexFile.TryReadSpans(file, segment.BasePosition, out int end, out PartitionSpan[] stored) && end == segment.End && stored.Length == spans.Length && SpansMatch(file, stored, spans, entries)) return;
        Add(new JournalProblem(ProblemKind.SegmentIndex, name, difference, actual.Length - difference, "the index does not say what the segment holds; delete it, the next start makes it again") { IsDerived = true });
    }

    /// <summary>The same extents, and every entry at a frame that is there: it may be sparser than the one this version would write.</summary>
    private static bool SpansMatch(IDiskFile file, PartitionSpan[] stored, PartitionSpan[] spans, IndexEntry[] entries)
    {
        for (int i = 0; i < stored.Length; i++)
        {
            PartitionSpan a = stored[i], b = spans[i];
            if (a.PartitionId != b.PartitionId || a.FirstOffset != b.FirstOffset || a.EndOffset != b.EndOffset || a.Records != b.Records) return false;
            HashSet<(long, int)> there = [.. entries.AsSpan(b.FirstEntry, b.EntryCount).ToArray().Select(static e => (e.Offset, e.Position))];
            IndexEntry[] read = SegmentIndexFile.ReadEntries(file, stored.Length, a);
            if (read.Length != a.EntryCount || read.Any(e => !there.Contains((e.Offset, e.Position)))) return false;
        }
        return true;
    }

    private Dictionary<long, StateSnapshot> Snapshots()
    {
        var snapshots = new Dictionary<long, StateSnapshot>();
        foreach (string name in _journal.Disk.List().Where(static n => n.EndsWith(StateSnapshot.Suffix, StringComparison.Ordinal)))
            if (StateSnapshot.TryLoad(_journal.Disk, name) is { } snapshot) snapshots[snapshot.Position] = snapshot;
        return snapshots;
    }

    /// <summary>A snapshot knows where each partition ended at its position: what is missing just before it shows here.</summary>
    private void CheckSnapshot(StateSnapshot snapshot)
    {
        foreach ((int id, PartitionState state) in snapshot.Partitions)
        {
            if (!_extents.TryGetValue(id, out PartitionExtent? extent)) continue;
            if (extent.End < state.EndOffset)
            {
                (long Position, JournalProblem Problem) damage = _damage.FindLast(d => d.Position >= extent.Position);
                damage.Problem?.Lost.RemoveAll(l => l.Partition.Id == id && l.From == extent.End && l.To < 0);
                if (damage.Problem is { } problem) problem.Lost.Add(new LostOffsets(extent.Name, extent.End, state.EndOffset - 1));
                extent.MissingOffsets += state.EndOffset - extent.End;
                extent.End = state.EndOffset;
            }
            else if (extent.End > state.EndOffset)
            {
                Add(new JournalProblem(ProblemKind.StateSnapshot, StateSnapshot.NameOf(snapshot.Position), 0, 0, $"{extent.Name} ends at offset {extent.End} before the snapshot, which says {state.EndOffset}"));
            }
        }
    }

    private PartitionExtent NewExtent(int partitionId)
    {
        PartitionName name = _journal.NameOf(partitionId);
        // Retention removed what came before: where the partition begins cannot be told from its frames.
        long start = _journal.Segments[0].BasePosition == 0 && !name.IsDeleted ? name.FirstOffset : -1;
        return new PartitionExtent(name) { End = start };
    }

    private void Add(JournalProblem problem)
    {
        if (_problems.Count < MaxProblems) _problems.Add(problem);
        else _unlisted++;
    }
}
