using System.Buffers.Binary;

namespace Edge.Log.Compression;

/// <summary>Window and content size of a zstd frame, checked before the decoder allocates its window for them.</summary>
/// <remarks>Source: RFC 8878, section 3.1.1.1.</remarks>
internal static class ZstdFrameHeader
{
    private const uint Magic = 0xFD2FB528;
    private const int MaxWindowBytes = 8 << 20; // what RFC 8878 asks every decoder to support

    public static bool IsAcceptable(ReadOnlySpan<byte> source, int maxBytes)
    {
        if (source.Length < 6 || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic) return false;
        byte descriptor = source[4];
        bool isSingleSegment = (descriptor & 0x20) != 0;
        int at = 5;
        if (!isSingleSegment)
        {
            int exponent = source[at] >> 3, mantissa = source[at] & 7;
            long window = (1L << (10 + exponent)) / 8 * (8 + mantissa);
            if (window > Math.Max(MaxWindowBytes, maxBytes)) return false;
            at++;
        }
        at += (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        int sizeBytes = (descriptor >> 6) switch { 0 => isSingleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        if (source.Length < at + sizeBytes) return false;
        ulong size = sizeBytes switch
        {
            1 => source[at],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(source[at..]) + 256u,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(source[at..]),
            8 => BinaryPrimitives.ReadUInt64LittleEndian(source[at..]),
            _ => 0,
        };
        return size <= (ulong)maxBytes;
    }
}
