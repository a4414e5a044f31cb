using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Edge.Kafka.Protocol;

/// <summary>Writes the primitive types of a Kafka response into one pooled buffer. Not thread-safe.</summary>
/// <remarks>One contiguous buffer, because sizes stand in front of what they count and are patched afterwards. Give it back with <see cref="Dispose"/>.</remarks>
internal sealed class KafkaWriter : IBufferWriter<byte>, IDisposable
{
    private byte[] _buffer;

    public KafkaWriter(int initialBytes = 512) => _buffer = ArrayPool<byte>.Shared.Rent(initialBytes);

    /// <summary>True: strings, arrays and bytes have their compact forms and structures end with tagged fields.</summary>
    public bool Flexible { get; set; }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void WriteInt8(sbyte value)
    {
        GetSpan(1)[0] = (byte)value;
        Length++;
    }

    public void WriteBool(bool value) => WriteInt8(value ? (sbyte)1 : (sbyte)0);

    public void WriteInt16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(GetSpan(2), value);
        Length += 2;
    }

    public void WriteError(ErrorCode error) => WriteInt16((short)error);

    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(GetSpan(4), value);
        Length += 4;
    }

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(GetSpan(8), value);
        Length += 8;
    }

    public void WriteUuid(Guid value)
    {
        value.TryWriteBytes(GetSpan(16), bigEndian: true, out _);
        Length += 16;
    }

    public void WriteUVarint(uint value) => Length += PutUVarint(GetSpan(5), value);

    public void WriteString(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        if (Flexible) WriteUVarint((uint)bytes + 1);
        else WriteInt16(checked((short)bytes));
        Encoding.UTF8.GetBytes(value, GetSpan(bytes));
        Length += bytes;
    }

    public void WriteNullableString(string? value)
    {
        if (value is not null) WriteString(value);
        else if (Flexible) WriteUVarint(0);
        else WriteInt16(-1);
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        if (Flexible) WriteUVarint((uint)value.Length + 1);
        else WriteInt32(value.Length);
        value.CopyTo(GetSpan(value.Length));
        Length += value.Length;
    }

    /// <param name="count">-1 writes a null array.</param>
    public void WriteArrayLength(int count)
    {
        if (Flexible) WriteUVarint((uint)(count + 1));
        else WriteInt32(count);
    }

    public void WriteInt32Array(ReadOnlySpan<int> values)
    {
        WriteArrayLength(values.Length);
        foreach (int value in values) WriteInt32(value);
    }

    /// <summary>Ends a structure: no tagged fields. Nothing when the version is not flexible.</summary>
    public void WriteTags()
    {
        if (Flexible) WriteInt8(0);
    }

    public void PatchInt16(int position, short value) => BinaryPrimitives.WriteInt16BigEndian(_buffer.AsSpan(position, 2), value);

    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(position, 4), value);

    /// <summary>Starts a byte field whose length is not known yet. Ended by <see cref="EndBytes"/>.</summary>
    /// <param name="likelyBytes">Guess of its length; a good one saves moving the bytes in the compact form.</param>
    /// <returns>Position of the field's first byte.</returns>
    public int BeginBytes(int likelyBytes)
    {
        if (Flexible) WriteUVarint((uint)likelyBytes + 1);
        else WriteInt32(0);
        return Length;
    }

    /// <param name="start">What <see cref="BeginBytes"/> returned.</param>
    /// <param name="likelyBytes">As given to it.</param>
    public void EndBytes(int start, int likelyBytes)
    {
        int bytes = Length - start;
        if (!Flexible)
        {
            PatchInt32(start - 4, bytes);
            return;
        }
        Span<byte> size = stackalloc byte[5];
        int sizeBytes = PutUVarint(size, (uint)bytes + 1), reserved = SizeOfUVarint((uint)likelyBytes + 1), shift = sizeBytes - reserved;
        if (shift > 0) GetSpan(shift);
        if (shift != 0) _buffer.AsSpan(start, bytes).CopyTo(_buffer.AsSpan(start + shift));
        size[..sizeBytes].CopyTo(_buffer.AsSpan(start - reserved));
        Length += shift;
    }

    /// <summary>Forgets everything from that position on.</summary>
    public void Truncate(int length) => Length = Math.Min(length, Length);

    public void Advance(int count) => Length = count >= 0 && count <= _buffer.Length - Length ? Length + count : throw new ArgumentOutOfRangeException(nameof(count));

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(Length);
    }

    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private static int SizeOfUVarint(uint value)
    {
        int size = 1;
        while (value >= 0x80) { value >>= 7; size++; }
        return size;
    }

    private static int PutUVarint(Span<byte> destination, uint value)
    {
        int at = 0;
        while (value >= 0x80) { destination[at++] = (byte)(value | 0x80); value >>= 7; }
        destination[at++] = (byte)value;
        return at;
    }

    private void EnsureRoom(int bytes)
    {
        if (_buffer.Length - Length >= bytes) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(Length + bytes)));
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
