using System.Buffers;
using System.Buffers.Binary;

namespace Edge.Log.Records;

/// <summary>Builds one uncompressed RecordBatch v2 in a pooled buffer. Not thread-safe.</summary>
/// <remarks>No allocation per record. The buffer grows by doubling and goes back to the pool on <see cref="Dispose"/>.</remarks>
public sealed class RecordBatchBuilder : IDisposable
{
    private byte[] _buffer;
    private int _length = RecordBatchHeader.HeaderBytes;
    private int _count;
    private long _baseTimestampMs, _maxTimestampMs;

    public RecordBatchBuilder(int initialBytes = 4096) => _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(initialBytes, RecordBatchHeader.HeaderBytes));

    public int RecordCount => _count;

    /// <summary>Size of the batch so far, header included.</summary>
    public int SizeBytes => _length;

    /// <summary>Upper bound of the bytes one more record takes.</summary>
    public static int MaxRecordBytes(int keyBytes, int valueBytes, int encodedHeaderBytes) => keyBytes + valueBytes + encodedHeaderBytes + 40;

    /// <summary>Adds a record at the next offset.</summary>
    /// <param name="timestampMs">Unix epoch, UTC, milliseconds.</param>
    /// <param name="headerCount">Number of headers in <paramref name="encodedHeaders"/>, which <see cref="RecordHeaders.Encode"/> wrote.</param>
    /// <returns>The record's offset relative to the batch.</returns>
    public int Add(long timestampMs, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, int headerCount, ReadOnlySpan<byte> encodedHeaders)
    {
        Span<byte> room = Reserve(timestampMs, hasKey, key, hasValue, value.Length, headerCount, encodedHeaders.Length);
        value.CopyTo(room);
        FinishRecord(room[value.Length..], headerCount, encodedHeaders);
        return _count - 1;
    }

    /// <summary>As the other overload, for a value in several pieces (as a network pipe holds it).</summary>
    public int Add(long timestampMs, bool hasKey, ReadOnlySpan<byte> key, in ReadOnlySequence<byte> value, int headerCount, ReadOnlySpan<byte> encodedHeaders)
    {
        int valueBytes = checked((int)value.Length);
        Span<byte> room = Reserve(timestampMs, hasKey, key, true, valueBytes, headerCount, encodedHeaders.Length);
        value.CopyTo(room);
        FinishRecord(room[valueBytes..], headerCount, encodedHeaders);
        return _count - 1;
    }

    /// <summary>Writes header and checksum. The span is valid until the builder is changed or disposed; base offset and epoch are left to the journal.</summary>
    /// <param name="attributes">Codec bits must be 0; control and transactional bits as in <see cref="RecordBatchHeader"/>.</param>
    public Span<byte> Seal(short attributes = 0, long producerId = -1, short producerEpoch = -1, int baseSequence = -1)
    {
        Span<byte> batch = _buffer.AsSpan(0, _length);
        BinaryPrimitives.WriteInt64BigEndian(batch, 0);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LengthAt..], _length - RecordBatchHeader.PrefixBytes);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LeaderEpochAt..], 0);
        batch[RecordBatchHeader.MagicAt] = RecordBatchHeader.Magic;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.AttributesAt..], attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LastOffsetDeltaAt..], _count - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.BaseTimestampAt..], _baseTimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampAt..], _maxTimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.ProducerIdAt..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.ProducerEpochAt..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.BaseSequenceAt..], baseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.RecordCountAt..], _count);
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatchHeader.ChecksumAt..], Crc32C.Compute(batch[RecordBatchHeader.ChecksumStart..]));
        return batch;
    }

    /// <summary>Forgets all records and keeps the buffer.</summary>
    public void Reset()
    {
        _length = RecordBatchHeader.HeaderBytes;
        _count = 0;
    }

    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Writes everything up to the value and returns the room for value and headers.</summary>
    private Span<byte> Reserve(long timestampMs, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, int valueBytes, int headerCount, int headerBytes)
    {
        if (_count == 0) _baseTimestampMs = _maxTimestampMs = timestampMs;
        else if (timestampMs > _maxTimestampMs) _maxTimestampMs = timestampMs;
        long timestampDelta = timestampMs - _baseTimestampMs;
        int bodyBytes = 1 + Varint.SizeOf(timestampDelta) + Varint.SizeOf(_count)
            + Varint.SizeOf(hasKey ? key.Length : -1) + key.Length + Varint.SizeOf(hasValue ? valueBytes : -1) + valueBytes
            + Varint.SizeOf(headerCount) + headerBytes;
        EnsureRoom(Varint.SizeOf(bodyBytes) + bodyBytes);
        Span<byte> at = _buffer.AsSpan(_length);
        int written = Varint.Write(at, bodyBytes);
        int end = written + bodyBytes;
        at[written++] = 0;
        written += Varint.Write(at[written..], timestampDelta);
        written += Varint.Write(at[written..], _count);
        written += Varint.Write(at[written..], hasKey ? key.Length : -1);
        key.CopyTo(at[written..]);
        written += key.Length;
        written += Varint.Write(at[written..], hasValue ? valueBytes : -1);
        _length += end;
        _count++;
        return at[written..end];
    }

    private static void FinishRecord(Span<byte> room, int headerCount, ReadOnlySpan<byte> encodedHeaders)
    {
        int written = Varint.Write(room, headerCount);
        encodedHeaders.CopyTo(room[written..]);
    }

    private void EnsureRoom(int bytes)
    {
        if (_buffer.Length - _length >= bytes) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
