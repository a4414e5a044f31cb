using System.Buffers.Binary;
using Snappier;

namespace Edge.Log.Compression;

/// <summary>Snappy as Kafka clients write it: one raw block (librdkafka and most others), or xerial's framing of several blocks (Java).</summary>
/// <remarks>Xerial: 8 bytes magic, version and lowest compatible version (4 bytes each), then blocks of a 4-byte big-endian length and that many bytes.</remarks>
internal static class SnappyBlocks
{
    private const int XerialHeaderBytes = 16;

    private static ReadOnlySpan<byte> XerialMagic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public static bool TryDecompress(ReadOnlySpan<byte> source, int maxBytes, out byte[] records)
    {
        records = [];
        if (!source.StartsWith(XerialMagic)) return TryRawBlock(source, maxBytes, ref records, 0, out _);
        if (source.Length < XerialHeaderBytes) return false;
        source = source[XerialHeaderBytes..];
        int length = 0;
        while (source.Length > 0)
        {
            if (source.Length < 4) return false;
            int blockBytes = BinaryPrimitives.ReadInt32BigEndian(source);
            if (blockBytes < 0 || blockBytes > source.Length - 4) return false;
            if (!TryRawBlock(source.Slice(4, blockBytes), maxBytes, ref records, length, out int written)) return false;
            length += written;
            source = source[(4 + blockBytes)..];
        }
        Array.Resize(ref records, length);
        return true;
    }

    /// <summary>Appends one block; its length is told by its first bytes and is checked before anything is allocated.</summary>
    private static bool TryRawBlock(ReadOnlySpan<byte> block, int maxBytes, ref byte[] records, int length, out int written)
    {
        written = 0;
        if (block.Length == 0) return false;
        int size = Snappy.GetUncompressedLength(block);
        if (size < 0 || size > maxBytes - length) return false;
        if (size > (long)block.Length * 64 + 64) return false; // a snappy element makes at most 64 bytes of 3: a larger claim is a lie
        if (records.Length < length + size) Array.Resize(ref records, length == 0 ? size : Math.Max(length + size, (int)Math.Min(maxBytes, records.Length * 2L)));
        written = Snappy.Decompress(block, records.AsSpan(length, size));
        return written == size;
    }
}
