namespace Edge.Log.Records;

/// <summary>Kafka's zig-zag varints (protobuf coding) as used inside record batches.</summary>
public static class Varint
{
    public const int MaxBytes = 5, MaxLongBytes = 10;

    public static int SizeOf(long value)
    {
        ulong bits = ZigZag(value);
        int size = 1;
        while (bits >= 0x80) { bits >>= 7; size++; }
        return size;
    }

    /// <summary>Writes the value. <paramref name="destination"/> must have room for <see cref="SizeOf"/> bytes.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, long value)
    {
        ulong bits = ZigZag(value);
        int at = 0;
        while (bits >= 0x80) { destination[at++] = (byte)(bits | 0x80); bits >>= 7; }
        destination[at++] = (byte)bits;
        return at;
    }

    /// <summary>Reads a value of at most 64 bits. Safe on untrusted bytes.</summary>
    /// <returns>Bytes read; 0 when the bytes end too early or the number is too long.</returns>
    public static int TryRead(ReadOnlySpan<byte> source, out long value)
    {
        ulong bits = 0;
        int limit = Math.Min(source.Length, MaxLongBytes);
        for (int at = 0; at < limit; at++)
        {
            byte b = source[at];
            bits |= (ulong)(b & 0x7f) << (7 * at);
            if (b < 0x80)
            {
                if (at == MaxLongBytes - 1 && b > 1) break;
                value = (long)(bits >> 1) ^ -(long)(bits & 1);
                return at + 1;
            }
        }
        value = 0;
        return 0;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
