using System.Buffers.Binary;

namespace Edge.Log.Compression;

/// <summary>First bytes of an LZ4 frame, looked at before the decoder allocates for the block size they claim (at most 4 MiB by the format).</summary>
internal static class Lz4FrameHeader
{
    private const uint Magic = 0x184D2204;

    public static bool IsAcceptable(ReadOnlySpan<byte> source) =>
        source.Length >= 7 && BinaryPrimitives.ReadUInt32LittleEndian(source) == Magic && (source[4] >> 6) == 1 && ((source[5] >> 4) & 7) is >= 4 and <= 7;
}
