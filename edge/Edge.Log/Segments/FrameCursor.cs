using System.Buffers;
using Edge.Log.Records;

namespace Edge.Log.Segments;

/// <summary>Walks the frames of one segment through a pooled window. Verifies every header, and the batch's checksum on request.</summary>
/// <remarks>
/// Not thread-safe. The caller holds a reference on the segment. Within [start, limit) every byte is durable, so a frame that does not verify is damage: the
/// cursor steps to the next frame that does and counts what it skipped. Recovery uses <see cref="TryReadAt"/> and decides for itself.
/// </remarks>
internal sealed class FrameCursor(int maxBatchBytes) : IDisposable
{
    private const int WindowBytes = 64 << 10;
    private byte[] _window = [];
    private int _windowStart, _windowLength;
    private Segment? _segment;
    private int _limit;

    /// <summary>Position of the frame that is read next.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes stepped over because no frame verified there.</summary>
    public long SkippedBytes { get; set; }

    public void Start(Segment segment, int position, int limit)
    {
        if (!ReferenceEquals(_segment, segment) || limit > _limit) _windowLength = 0;
        _segment = segment;
        Position = position;
        _limit = limit;
    }

    /// <summary>Lets a cursor that reached the end go on after the segment grew.</summary>
    public void Extend(int limit)
    {
        if (limit <= _limit) return;
        _limit = limit;
    }

    /// <summary>Reads the next frame header, skipping damage. False at the limit.</summary>
    public bool TryNextHeader(out FrameHeader header, out int position)
    {
        while (Position < _limit)
        {
            position = Position;
            if (TryHeaderAt(position, out header) && position + header.FrameBytes <= _limit)
            {
                Position = position + header.FrameBytes;
                if (header.IsPadding) continue;
                return true;
            }
            Resync();
        }
        header = default;
        position = _limit;
        return false;
    }

    /// <summary>The batch of the frame at <paramref name="position"/>, verified. Valid until the next call on the cursor. False: its checksum does not match.</summary>
    public bool TryReadBatch(in FrameHeader header, int position, out ReadOnlyMemory<byte> batch, out RecordBatchHeader batchHeader)
    {
        Ensure(position, header.FrameBytes, header.FrameBytes);
        int at = position - _windowStart + FrameHeader.HeaderBytes;
        batch = default;
        batchHeader = default;
        if (_windowLength - at < header.BatchBytes) return false;
        ReadOnlyMemory<byte> bytes = _window.AsMemory(at, header.BatchBytes);
        if (RecordBatchHeader.TryRead(bytes.Span, maxBatchBytes, out batchHeader) != BatchReadStatus.Ok || batchHeader.SizeBytes != header.BatchBytes)
        {
            SkippedBytes += header.FrameBytes;
            return false;
        }
        batch = bytes;
        return true;
    }

    /// <summary>Header at exactly that position, without stepping.</summary>
    public bool TryHeaderAt(int position, out FrameHeader header)
    {
        const int want = FrameHeader.HeaderBytes + FrameHeader.CoveredBatchBytes;
        Ensure(position, want, WindowBytes);
        int at = position - _windowStart;
        return FrameHeader.TryRead(_window.AsSpan(at, Math.Max(0, _windowLength - at)), maxBatchBytes, out header);
    }

    /// <summary>Whole frame at exactly that position, verified; for recovery.</summary>
    public bool TryReadAt(int position, out FrameHeader header, out ReadOnlyMemory<byte> batch, out RecordBatchHeader batchHeader)
    {
        batch = default;
        batchHeader = default;
        if (!TryHeaderAt(position, out header) || position + header.FrameBytes > _limit) return false;
        if (header.IsPadding) return true;
        return TryReadBatch(header, position, out batch, out batchHeader);
    }

    /// <summary>Next position at or after <paramref name="from"/> that begins with the frame magic; the limit when there is none.</summary>
    public int FindMagic(int from)
    {
        while (from < _limit)
        {
            Ensure(from, FrameHeader.Magic.Length, WindowBytes);
            int at = from - _windowStart;
            ReadOnlySpan<byte> span = _window.AsSpan(at, Math.Max(0, _windowLength - at));
            if (span.Length < FrameHeader.Magic.Length) return _limit;
            int found = span.IndexOf(FrameHeader.Magic);
            if (found >= 0) return from + found;
            from += span.Length - (FrameHeader.Magic.Length - 1);
        }
        return _limit;
    }

    public void Dispose()
    {
        byte[] window = Interlocked.Exchange(ref _window, []);
        if (window.Length > 0) ArrayPool<byte>.Shared.Return(window);
        _windowLength = 0;
    }

    private void Resync()
    {
        int from = Position;
        int next = FindMagic(from + 1);
        while (next < _limit && !(TryHeaderAt(next, out FrameHeader header) && next + header.FrameBytes <= _limit)) next = FindMagic(next + 1);
        SkippedBytes += next - from;
        Position = next;
    }

    /// <summary>Makes [position, position + need) part of the window, as far as the limit allows.</summary>
    private void Ensure(int position, int need, int prefer)
    {
        int end = Math.Min(_limit, position + need);
        if (_windowLength > 0 && position >= _windowStart && end <= _windowStart + _windowLength) return;
        int want = Math.Min(_limit - position, Math.Max(need, prefer));
        if (want < 0) want = 0;
        if (_window.Length < want)
        {
            if (_window.Length > 0) ArrayPool<byte>.Shared.Return(_window);
            _window = ArrayPool<byte>.Shared.Rent(Math.Max(want, WindowBytes));
        }
        _windowStart = position;
        _windowLength = want == 0 ? 0 : _segment!.File.Read(position, _window.AsSpan(0, Math.Min(_window.Length, Math.Max(want, Math.Min(WindowBytes, _limit - position)))));
    }
}
