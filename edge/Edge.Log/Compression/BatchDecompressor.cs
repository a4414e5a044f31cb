using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Edge.Log.Records;
using K4os.Compression.LZ4.Streams;
using ZstdSharp;

namespace Edge.Log.Compression;

/// <summary>Unpacks the records section of a compressed batch. Safe on untrusted bytes: a decompression bomb is refused at the bound.</summary>
/// <remarks>Formats are Kafka's: gzip, snappy (raw or in xerial framing), LZ4 frame, zstd frame. Stored batches stay as they were sent; this is for who looks inside.</remarks>
public static class BatchDecompressor
{
    /// <summary>Bound when a caller has no other: 16 MiB.</summary>
    public const int DefaultMaxBytes = 16 << 20;

    /// <summary>Decompresses into a new array.</summary>
    /// <param name="header">Header of the batch; names the codec.</param>
    /// <param name="recordsSection">What follows the 61 header bytes. With no compression it is copied.</param>
    /// <param name="maxBytes">Most bytes of the result.</param>
    /// <param name="records">The records section as <see cref="RecordEnumerator"/> wants it.</param>
    /// <returns>False when the bytes are damaged, the codec is unknown, or the result would be larger than <paramref name="maxBytes"/>.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Three libraries throw their own types on damaged bytes; each means the same here.")]
    public static bool TryDecompress(in RecordBatchHeader header, ReadOnlySpan<byte> recordsSection, int maxBytes, out byte[] records)
    {
        records = [];
        try
        {
            switch (header.Codec)
            {
                case CompressionCodec.None:
                    if (recordsSection.Length > maxBytes) return false;
                    records = recordsSection.ToArray();
                    return true;
                case CompressionCodec.Gzip:
                    using (var gzip = new GZipStream(Open(recordsSection), CompressionMode.Decompress)) return TryReadAll(gzip, maxBytes, out records);
                case CompressionCodec.Snappy:
                    return SnappyBlocks.TryDecompress(recordsSection, maxBytes, out records);
                case CompressionCodec.Lz4:
                    if (!Lz4FrameHeader.IsAcceptable(recordsSection)) return false;
                    using (LZ4DecoderStream lz4 = LZ4Stream.Decode(Open(recordsSection), leaveOpen: false)) return TryReadAll(lz4, maxBytes, out records);
                case CompressionCodec.Zstd:
                    if (!ZstdFrameHeader.IsAcceptable(recordsSection, maxBytes)) return false;
                    using (var zstd = new DecompressionStream(Open(recordsSection))) return TryReadAll(zstd, maxBytes, out records);
                default:
                    return false;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            records = [];
            return false;
        }
    }

    private static MemoryStream Open(ReadOnlySpan<byte> bytes) => new(bytes.ToArray(), writable: false);

    private static bool TryReadAll(Stream source, int maxBytes, out byte[] records)
    {
        byte[] buffer = new byte[Math.Min(maxBytes, 64 << 10)];
        int length = 0;
        records = [];
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= maxBytes)
                {
                    if (source.ReadByte() >= 0) return false; // more than allowed
                    break;
                }
                Array.Resize(ref buffer, (int)Math.Min(maxBytes, (long)length * 2));
            }
            int read = source.Read(buffer, length, buffer.Length - length);
            if (read == 0) break;
            length += read;
        }
        Array.Resize(ref buffer, length);
        records = buffer;
        return true;
    }
}
