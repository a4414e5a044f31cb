using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Log;

/// <summary>Making, pre-writing, sealing and recycling of segment files. Everything here runs on the writer thread.</summary>
public sealed partial class Journal
{
    private const string SpareName = "segment.spare";
    private const int PrepareBytes = 4 << 20, SnapshotsKept = 2;

    // One for all journals: a new one each time was 62 of the 64 MiB allocated in 6 s of MQTT load, all on the large object heap, and made every collection a full one.
    private static readonly byte[] Zeros = new byte[256 << 10];
    private Spare? _spare;

    /// <summary>Positions of the snapshots that are kept, oldest first.</summary>
    private readonly List<long> _snapshots = [];

    /// <summary>Frames from here on may be needed at the next start, even when the newest snapshot is damaged by then.</summary>
    private long ReplayFrom => _snapshots.Count < SnapshotsKept ? 0 : _snapshots[^SnapshotsKept];

    /// <summary>Tells this boot's frames from those of another with the same epoch.</summary>
    internal ushort BootTag { get; private set; }

    /// <summary>Makes sure that the next roll will find a file with its blocks allocated. False: the disk's bound is reached.</summary>
    private bool EnsureSpare(RoomFor use)
    {
        if (_spare is not null) return true;
        try
        {
            if (!HasRoomForSegment(use) && !FreeUnwanted()) return false;
            if (_spare is not null) return true; // what was freed has become it
            CreateSpare();
            return true;
        }
        catch (DiskException e) when (e.IsTransient)
        {
            LogNoSpace(e.Message);
            return false;
        }
        catch (DiskException e)
        {
            Fence(e);
            return false;
        }
    }

    private void CreateSpare()
    {
        IDiskFile file = _disk.Open(SpareName, DiskOpenMode.CreateNew);
        try { file.Preallocate(Options.SegmentBytes); }
        catch
        {
            file.Dispose();
            _disk.Unlink(SpareName);
            throw;
        }
        _spare = new Spare(file, IsPrepared: false);
    }

    /// <summary>Seals the active segment and begins the next. The new file gets its name only when its header is durable.</summary>
    private void Roll()
    {
        Segment old = _active;
        SealIndex(old);
        SaveState(old.EndPosition);
        _active = StartSegment(old.EndPosition);
        old.Active = null;
        _segments = [.. _segments, _active];
        RemoveOldSnapshots();
    }

    /// <summary>Turns the spare into the named segment at that position.</summary>
    private Segment StartSegment(long basePosition)
    {
        if (_spare is null && !EnsureSpare(RoomFor.Cleaning)) throw new DiskException("create", Segment.NameOf(basePosition), Errno.NoSpace);
        (IDiskFile file, bool isPrepared) = _spare!;
        _spare = null;
        try
        {
            var header = new SegmentHeader(basePosition, _nextSequence, _nextIngestSequence, Epoch);
            file.Write(0, header.ToBytes());
            int end = SegmentHeader.HeaderBytes, padding = PaddingAt(end);
            if (padding > 0) file.Write(end, PaddingFrame(padding, header.FirstSequence, header.FirstIngestSequence, basePosition));
            file.Sync();
            string name = Segment.NameOf(basePosition);
            if (_disk.Exists(name)) throw new DiskException("create", name, Errno.Exists); // never over a segment, whatever led here
            _disk.Rename(SpareName, name);
            _disk.SyncDirectory();
            int capacity = checked((int)file.Length);
            Interlocked.Increment(ref Statistics.SegmentsCount);
            Interlocked.Add(ref Statistics.StoredCount, capacity);
            _preparedTo = isPrepared ? capacity : end + padding;
            if (padding > 0) _nextSequence++;
            return new Segment(_disk, file, header, capacity) { Active = new SegmentIndex(), End = end + padding };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Zeroes and syncs the space a commit will use, ahead of it and in large steps, so that the commit itself changes no file-system metadata.</summary>
    private void Prepare(int end)
    {
        if (end <= _preparedTo) return;
        int from = Math.Max(_preparedTo, _active.End);
        int to = Math.Min(_active.Capacity, Math.Max(end, from + Math.Min(PrepareBytes, _active.Capacity / 4)));
        for (int at = from; at < to; at += Zeros.Length) _active.File.Write(at, Zeros.AsSpan(0, Math.Min(Zeros.Length, to - at)));
        _active.File.Sync();
        Interlocked.Add(ref Statistics.WrittenCount, to - from);
        _preparedTo = to;
    }

    /// <summary>Writes the sidecar. It is derived: when that fails the segment is read without it.</summary>
    private void SealIndex(Segment segment)
    {
        (PartitionSpan[] spans, IndexEntry[] entries) = segment.Active!.Freeze();
        segment.Spans = spans;
        try
        {
            StateSnapshot.WriteAside(_disk, Segment.IndexNameOf(segment.BasePosition), SegmentIndexFile.Encode(segment.BasePosition, segment.End, spans, entries));
        }
        catch (DiskException e) { LogIndexNotWritten(segment.BasePosition, e.Message); }
    }

    /// <summary>Saves what the frames before <paramref name="position"/> add up to. Must hold exactly the durable state: it runs between groups' syncs.</summary>
    private void SaveState(long position)
    {
        try
        {
            MakeState(position).Save(_disk);
            _snapshots.RemoveAll(p => p >= position);
            _snapshots.Add(position);
        }
        catch (DiskException e) { LogSnapshotNotWritten(position, e.Message); }
    }

    private StateSnapshot MakeState(long position)
    {
        var snapshot = new StateSnapshot { Position = position, NextSequence = _nextSequence, NextIngestSequence = _nextIngestSequence, Epoch = Epoch };
        foreach ((int id, Partition partition) in _partitions)
            snapshot.Partitions.Add(id, new PartitionState(partition.LogStartOffset, partition.HighWatermark, partition.Producers, partition.Transactions));
        foreach ((string name, KeyedTable table) in _tables)
            snapshot.Tables.Add(name, [.. table.Snapshot().Select(p => new KeyValuePair<string, byte[]>(p.Key, p.Value.ToArray()))]);
        return snapshot;
    }

    private void RemoveOldSnapshots()
    {
        try
        {
            if (_snapshots.Count > SnapshotsKept) _snapshots.RemoveRange(0, _snapshots.Count - SnapshotsKept);
            foreach (string name in _disk.List())
                if (name.EndsWith(StateSnapshot.Suffix, StringComparison.Ordinal) && !_snapshots.Exists(p => StateSnapshot.NameOf(p) == name)) _disk.Unlink(name);
        }
        catch (DiskException e) { LogCleanupFailed(e.Message); }
    }

    private sealed record Spare(IDiskFile File, bool IsPrepared);

    [LoggerMessage(1010, LogLevel.Warning, "No room for another segment: {Cause}")]
    private partial void LogNoSpace(string cause);

    [LoggerMessage(1011, LogLevel.Warning, "The index of segment {Position} was not written: {Cause}")]
    private partial void LogIndexNotWritten(long position, string cause);

    [LoggerMessage(1012, LogLevel.Error, "The state snapshot at {Position} was not written: {Cause}")]
    private partial void LogSnapshotNotWritten(long position, string cause);

    [LoggerMessage(1013, LogLevel.Warning, "Old files were not removed: {Cause}")]
    private partial void LogCleanupFailed(string cause);
}
