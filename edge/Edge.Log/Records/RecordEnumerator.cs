namespace Edge.Log.Records;

/// <summary>Walks the records of one uncompressed batch. Allocates nothing; safe on untrusted bytes.</summary>
/// <remarks>A compressed batch is first given to <c>BatchDecompressor</c>. <see cref="IsMalformed"/> is set when the bytes do not hold what the header says.</remarks>
public ref struct RecordEnumerator
{
    private readonly RecordBatchHeader _header;
    private ReadOnlySpan<byte> _left;
    private int _remaining;

    /// <param name="header">Header of the batch.</param>
    /// <param name="records">The records section, decompressed: everything after the 61 header bytes.</param>
    public RecordEnumerator(scoped in RecordBatchHeader header, ReadOnlySpan<byte> records)
    {
        _header = header;
        _left = records;
        _remaining = header.RecordCount;
    }

    /// <summary>Over a whole uncompressed batch, header included.</summary>
    public static RecordEnumerator OverBatch(ReadOnlySpan<byte> batch)
    {
        RecordBatchHeader header = RecordBatchHeader.Parse(batch);
        return new RecordEnumerator(header, batch[RecordBatchHeader.HeaderBytes..header.SizeBytes]);
    }

    public RecordView Current { get; private set; }
    public bool IsMalformed { get; private set; }

    /// <summary>Bytes not walked yet; a well-formed batch has none after its last record.</summary>
    public readonly int BytesLeft => _left.Length;

    public readonly RecordEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_remaining <= 0) return false;
        if (TryReadRecord(out RecordView view))
        {
            _remaining--;
            Current = view;
            return true;
        }
        IsMalformed = true;
        _remaining = 0;
        return false;
    }

    private bool TryReadRecord(out RecordView view)
    {
        view = default;
        int read = Varint.TryRead(_left, out long length);
        if (read == 0 || length < 1 || length > _left.Length - read) return false;
        ReadOnlySpan<byte> body = _left.Slice(read, (int)length);
        _left = _left[(read + (int)length)..];
        body = body[1..]; // attributes: unused in v2
        if (!TryTakeNumber(ref body, out long timestampDelta) || !TryTakeNumber(ref body, out long offsetDelta)) return false;
        if (offsetDelta < 0 || offsetDelta > _header.LastOffsetDelta) return false;
        if (!TryTakeBytes(ref body, out ReadOnlySpan<byte> key, out bool hasKey)) return false;
        if (!TryTakeBytes(ref body, out ReadOnlySpan<byte> value, out bool hasValue)) return false;
        if (!TryTakeNumber(ref body, out long headerCount) || headerCount < 0 || headerCount > body.Length) return false;
        view = new RecordView
        {
            Offset = _header.BaseOffset + offsetDelta,
            TimestampMs = _header.IsLogAppendTime ? _header.MaxTimestampMs : _header.BaseTimestampMs + timestampDelta,
            HasKey = hasKey,
            Key = key,
            HasValue = hasValue,
            Value = value,
            HeaderCount = (int)headerCount,
            EncodedHeaders = body,
        };
        return true;
    }

    private static bool TryTakeNumber(scoped ref ReadOnlySpan<byte> from, out long value)
    {
        int read = Varint.TryRead(from, out value);
        from = from[read..];
        return read > 0;
    }

    internal static bool TryTakeBytes(scoped ref ReadOnlySpan<byte> from, out ReadOnlySpan<byte> bytes, out bool present)
    {
        bytes = default;
        present = false;
        if (!TryTakeNumber(ref from, out long length)) return false;
        if (length < 0) return length == -1;
        if (length > from.Length) return false;
        bytes = from[..(int)length];
        from = from[(int)length..];
        present = true;
        return true;
    }
}
