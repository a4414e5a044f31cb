using System.Buffers.Binary;
using Edge.Log.Records;
using Edge.Log.Segments;

namespace Edge.Log.Tools;

/// <summary>Walks one segment offline, every checksum verified, and says where what must be there is not.</summary>
/// <remarks>
/// The same rules as recovery (<see cref="SegmentScan"/>): a torn tail of the active segment is no damage, and neither is a commit item that is not whole there. Recovery wants
/// to know where to go on; this wants to know what lies in between, so it keeps the ranges.
/// </remarks>
internal sealed class SegmentWalk
{
    private readonly Segment _segment;
    private readonly FrameCursor _cursor;
    private readonly long _nextSegmentSequence;
    private readonly FrameHandler _onFrame;
    private readonly List<(FrameHeader Header, int Position, byte[] Batch, RecordBatchHeader BatchHeader)> _item = [];
    private int _epoch;
    private ushort _bootTag;

    private SegmentWalk(Segment segment, FrameCursor cursor, long nextSegmentSequence, FrameHandler onFrame)
    {
        _segment = segment;
        _cursor = cursor;
        _nextSegmentSequence = nextSegmentSequence;
        _onFrame = onFrame;
        NextSequence = segment.Header.FirstSequence;
    }

    public delegate void FrameHandler(in FrameHeader frame, int position, ReadOnlyMemory<byte> batch, in RecordBatchHeader header);

    public long NextSequence { get; private set; }

    /// <summary>Where the durable frames end, exclusive.</summary>
    public int End { get; private set; }

    /// <summary>The active segment ends in frames that recovery will cut: written, never acknowledged.</summary>
    public bool HasTornTail { get; private set; }

    /// <summary>Frames that verify, padding included.</summary>
    public long Frames { get; private set; }

    public List<DamagedRange> Damage { get; } = [];

    /// <param name="nextSegmentSequence">First sequence of the following segment; <see cref="long.MaxValue"/> for the active one.</param>
    /// <param name="onFrame">Every frame with a batch, in order; the batch is valid during the call.</param>
    public static SegmentWalk Run(Segment segment, int maxBatchBytes, long nextSegmentSequence, FrameHandler onFrame)
    {
        using var cursor = new FrameCursor(maxBatchBytes);
        var walk = new SegmentWalk(segment, cursor, nextSegmentSequence, onFrame);
        walk.Walk();
        return walk;
    }

    private bool IsActive => _nextSegmentSequence == long.MaxValue;

    private void Walk()
    {
        _epoch = _segment.Header.Epoch;
        _cursor.Start(_segment, SegmentHeader.HeaderBytes, _segment.Capacity);
        int position = SegmentHeader.HeaderBytes, itemStart = position;
        while (position < _segment.Capacity && NextSequence < _nextSegmentSequence)
        {
            if (TryFrame(position, out FrameHeader frame, out ReadOnlyMemory<byte> batch, out RecordBatchHeader header))
            {
                Take(frame, position, batch, header);
                position += frame.FrameBytes;
                if (_item.Count == 0) itemStart = position;
                continue;
            }
            int next = FindDurableAfter(position, out long nextSequence);
            if (next < 0) break;
            FlushItem();
            (position, NextSequence) = StepOver(position, next, nextSequence);
            itemStart = position;
        }
        End = position;
        if (!IsActive)
        {
            FlushItem();
            // The next segment began above what is found here: the end of this one was durable and is damaged.
            if (NextSequence < _nextSegmentSequence) Damage.Add(new DamagedRange(position, EndOfData(position), NextSequence, _nextSegmentSequence - NextSequence, -1, -1, IsTail: true));
            return;
        }
        HasTornTail = _item.Count > 0 || IsExpectedHeader(position, out _);
        NextSequence -= _item.Count;
        End = itemStart;
    }

    /// <summary>One damaged frame whose header is whole is told apart, so that its partition is known; else everything up to the next good frame.</summary>
    private (int Position, long Sequence) StepOver(int position, int next, long nextSequence)
    {
        if (IsExpectedHeader(position, out FrameHeader header) && !header.IsPadding && position + header.FrameBytes <= next)
        {
            Span<byte> offset = stackalloc byte[8];
            long baseOffset = _segment.File.Read(position + FrameHeader.HeaderBytes, offset) == 8 ? BinaryPrimitives.ReadInt64BigEndian(offset) : -1;
            Damage.Add(new DamagedRange(position, position + header.FrameBytes, NextSequence, 1, header.PartitionId, baseOffset));
            return (position + header.FrameBytes, NextSequence + 1);
        }
        Damage.Add(new DamagedRange(position, next, NextSequence, nextSequence - NextSequence, -1, -1));
        return (next, nextSequence);
    }

    /// <summary>Behind the last byte that is not zero; room for what is missing at the least, if the file has it.</summary>
    private int EndOfData(int from)
    {
        byte[] buffer = new byte[1 << 20];
        for (int end = _segment.Capacity; end > from;)
        {
            int start = Math.Max(from, end - buffer.Length), read = _segment.File.Read(start, buffer.AsSpan(0, end - start));
            int last = buffer.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            if (last >= 0) return Math.Max(start + last + 1, WithRoom(from));
            end = start;
        }
        return WithRoom(from);
    }

    private int WithRoom(int from) => (int)Math.Min(_segment.Capacity, from + ((_nextSegmentSequence - NextSequence) * FrameHeader.HeaderBytes));

    private bool IsExpectedHeader(int position, out FrameHeader header) =>
        _cursor.TryHeaderAt(position, out header) && header.Sequence == NextSequence && header.Epoch >= _epoch && position + header.FrameBytes <= _segment.Capacity;

    private bool TryFrame(int position, out FrameHeader frame, out ReadOnlyMemory<byte> batch, out RecordBatchHeader header)
    {
        if (!_cursor.TryReadAt(position, out frame, out batch, out header) || frame.Sequence != NextSequence || frame.Epoch < _epoch) return false;
        return frame.Epoch != _epoch || _bootTag == 0 || frame.BootTag == _bootTag;
    }

    private void Take(in FrameHeader frame, int position, ReadOnlyMemory<byte> batch, in RecordBatchHeader header)
    {
        _epoch = frame.Epoch;
        _bootTag = frame.BootTag;
        NextSequence = frame.Sequence + 1;
        Frames++;
        if (frame.IsPadding) return;
        if (_item.Count == 0 && frame.EndsItem)
        {
            _onFrame(frame, position, batch, header);
            return;
        }
        _item.Add((frame, position, batch.ToArray(), header));
        if (frame.EndsItem) FlushItem();
    }

    private void FlushItem()
    {
        foreach ((FrameHeader header, int position, byte[] batch, RecordBatchHeader batchHeader) in _item) _onFrame(header, position, batch, batchHeader);
        _item.Clear();
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
            wasDurable |= frame.DurablePosition > _segment.BasePosition + position;
            if (first < 0) (first, sequence) = (at, frame.Sequence);
            if (wasDurable) return first;
        }
        return -1;
    }
}
