namespace Edge.Mqtt.Protocol;

/// <summary>MQTT's variable byte integer: 7 bits a byte, little end first, at most 4 bytes.</summary>
internal static class VariableInteger
{
    public const int MaxBytes = 4, MaxValue = 268_435_455;

    public static int SizeOf(int value) => value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;

    public static int Write(Span<byte> destination, int value)
    {
        int at = 0;
        while (value >= 0x80) { destination[at++] = (byte)(value | 0x80); value >>= 7; }
        destination[at++] = (byte)value;
        return at;
    }

    /// <summary>Reads a number. Safe on untrusted bytes.</summary>
    /// <returns>Bytes read; 0 when more bytes are needed; -1 when it is longer than 4 bytes or not in its shortest form.</returns>
    public static int Read(ReadOnlySpan<byte> source, out int value)
    {
        value = 0;
        for (int at = 0; at < MaxBytes; at++)
        {
            if (at == source.Length) return 0;
            byte b = source[at];
            value |= (b & 0x7f) << (7 * at);
            if (b < 0x80) return b == 0 && at > 0 ? -1 : at + 1;
        }
        return -1;
    }
}
