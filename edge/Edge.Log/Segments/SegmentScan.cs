using Edge.Log.Records;

namespace Edge.Log.Segments;

/// <summary>Reads a whole segment at recovery and decides where it ends: tells a torn tail, which is cut, from damage, which is stepped over and reported.</summary>
/// <remarks>
/// Along a segment the frame sequence rises by one and the writer epoch never falls, so a frame of an earlier use of the space ends the scan. A frame that does
/// not verify is a torn tail unless some later frame records a durable position beyond it, or the next segment proves that more had been written.
/// </remarks>
internal sealed class SegmentScan
{
    private readonly Segment _segment;
    private readonly FrameCursor _cursor;
    private readonly long _nextSegmentSequence;
    private readonly Action<FrameHeader, ReadOnlyMemory<byte>> _apply;
    private readonly Action<DamagedRange>? _damaged;
    private readonly List<(FrameHeader Header, int Position, byte[]? Batch, RecordBatchHeader BatchHeader)> _item = [];
    private int _epoch;
    private ushort _bootTag;

    private SegmentScan(Segment segment, FrameCursor cursor, long nextSegmentSequence, Action<FrameHeader, ReadOnlyMemory<byte>> apply, Action<DamagedRange>? damaged)
    {
        _damaged = damaged;
        _segment = segment;
        _cursor = cursor;
        _nextSegmentSequence = nextSegmentSequence;
        _apply = apply;
        NextSequence = segment.Header.FirstSequence;
    }

    /// <summary>Sequence the next frame would have.</summary>
    public long NextSequence { get; private set; }

    /// <summary>Largest epoch of any frame that verifies, kept or cut: the next boot must be above it.</summary>
    public int MaxEpoch { get; private set; }

    /// <summary>Durable bytes that do not verify.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>Where they are.</summary>
    public List<DamagedRange> Damages { get; } = [];

    /// <summary>Walks the segment, fills its index and end, and hands every kept frame to <paramref name="apply"/> in order.</summary>
    /// <param name="damaged">Told of each damaged range before the frames behind it are applied.</param>
    /// <param name="nextSegmentSequence">First sequence of the following segment, which bounds this one; <see cref="long.MaxValue"/> for the active one.</param>
    public static SegmentScan Run(Segment segment, int maxBatchBytes, long nextSegmentSequence, Action<FrameHeader, ReadOnlyMemory<byte>> apply, Action<DamagedRange>? damaged = null)
    {
        using var cursor = new FrameCursor(maxBatchBytes);
        var scan = new SegmentScan(segment, cursor, nextSegmentSequence, apply, damaged);
        scan.Walk();
        return scan;
    }

    private bool IsActive => _nextSegmentSequence == long.MaxValue;

    private void Walk()
    {
        _epoch = _segment.Header.Epoch;
        MaxEpoch = _epoch;
        _cursor.Start(_segment, SegmentHeader.HeaderBytes, _segment.Capacity);
        int position = SegmentHeader.HeaderBytes, itemStart = position;
        while (position < _segment.Capacity && NextSequence < _nextSegmentSequence)
        {
            if (TryFrame(position, NextSequence, out FrameHeader frame, out ReadOnlyMemory<byte> batch, out RecordBatchHeader batchHeader))
            {
                Take(frame, position, batch, batchHeader);
                position += frame.FrameBytes;
                if (_item.Count == 0) itemStart = position;
                continue;
            }
            int next = FindDurableAfter(position, out long nextSequence);
            if (next < 0)
            {
                position = itemStart; // a torn tail: an item that is not whole goes with it
                break;
            }
            FlushItem(); // the frames before the hole were durable too, whatever became of the rest of their item
            AddDamage(position, next, nextSequence);
            position = next;
            NextSequence = nextSequence;
        }
        if (!IsActive && NextSequence < _nextSegmentSequence)
        {
            // The next segment began above what is found here: the end of this one was durable and is damaged.
            FlushItem();
            DamagedBytes += 1;
        }
        else if (IsActive) NextSequence -= _item.Count(f => !f.Header.IsPadding);
        _item.Clear();
        _segment.End = IsActive ? itemStart : Math.Max(position, itemStart);
    }

    private void AddDamage(int from, int to, long nextSequence)
    {
        // When the header of the one frame there still verifies, its partition is known.
        bool isOneFrame = _cursor.TryHeaderAt(from, out FrameHeader header) && header.Sequence == NextSequence && from + header.FrameBytes == to;
        var range = new DamagedRange(from, to, nextSequence, isOneFrame ? header.PartitionId : -1);
        DamagedBytes += to - from;
        Damages.Add(range);
        _damaged?.Invoke(range);
    }

    private bool TryFrame(int position, long expectedSequence, out FrameHeader frame, out ReadOnlyMemory<byte> batch, out RecordBatchHeader batchHeader)
    {
        if (!_cursor.TryReadAt(position, out frame, out batch, out batchHeader)) return false;
        if (frame.Sequence >= _segment.Header.FirstSequence) MaxEpoch = Math.Max(MaxEpoch, frame.Epoch);
        if (frame.Sequence != expectedSequence || frame.Epoch < _epoch) return false;
        return frame.Epoch != _epoch || _bootTag == 0 || frame.BootTag == _bootTag;
    }

    private void Take(in FrameHeader frame, int position, ReadOnlyMemory<byte> batch, in RecordBatchHeader batchHeader)
    {
        _epoch = frame.Epoch;
        _bootTag = frame.BootTag;
        NextSequence = frame.Sequence + 1;
        if (frame.IsPadding) return;
        if (_item.Count == 0 && frame.EndsItem) Keep(frame, position, batch, batchHeader); // the common case copies nothing
        else
        {
            _item.Add((frame, position, batch.ToArray(), batchHeader));
            if (frame.EndsItem) FlushItem();
        }
    }

    private void FlushItem()
    {
        foreach ((FrameHeader header, int position, byte[]? batch, RecordBatchHeader batchHeader) in _item) Keep(header, position, batch, batchHeader);
        _item.Clear();
    }

    private void Keep(in FrameHeader frame, int position, ReadOnlyMemory<byte> batch, in RecordBatchHeader batchHeader)
    {
        _segment.Active!.Add(frame, batchHeader, position);
        _apply(frame, batch);
    }

    /// <summary>First good frame after a bad one, if anything proves that the bad one had been durable; else -1.</summary>
    private int FindDurableAfter(int position, out long sequence)
    {
        int first = -1;
        sequence = 0;
        bool wasDurable = !IsActive;
        for (int at = _cursor.FindMagic(position + 1); at < _segment.Capacity; at = _cursor.FindMagic(at + 1))
        {
            if (!_cursor.TryReadAt(at, out FrameHeader frame, out _, out _)) continue;
            if (frame.Sequence < NextSequence || frame.Sequence >= _nextSegmentSequence || frame.Epoch < _epoch) continue;
            MaxEpoch = Math.Max(MaxEpoch, frame.Epoch);
            // What a cut left behind carries an older position than the cut; only a frame written later can know of this one.
            wasDurable |= frame.DurablePosition > _segment.BasePosition + position;
            if (first < 0)
            {
                first = at;
                sequence = frame.Sequence;
            }
            if (wasDurable) return first;
        }
        return -1;
    }
}
