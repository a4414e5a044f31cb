using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Edge.Log.Records;
using K4os.Compression.LZ4.Streams;

namespace Edge.Kafka.Tests;

/// <summary>Record batches as producers send them.</summary>
internal static class TestBatch
{
    public static byte[] Create(params string[] values) => Create(values, producerId: -1);

    public static byte[] Create(IReadOnlyList<string> values, long producerId, short epoch = 0, int sequence = 0, long timestampMs = 1_700_000_000_000)
    {
        using var builder = new RecordBatchBuilder();
        for (int i = 0; i < values.Count; i++) builder.Add(timestampMs + i, false, default, true, Encoding.UTF8.GetBytes(values[i]), 0, default);
        return builder.Seal(0, producerId, producerId < 0 ? (short)-1 : epoch, producerId < 0 ? -1 : sequence).ToArray();
    }

    /// <summary>The same batch with another records section and codec; length and checksum made right.</summary>
    public static byte[] WithRecords(byte[] batch, CompressionCodec codec, byte[] records)
    {
        byte[] changed = [.. batch.AsSpan(0, RecordBatchHeader.HeaderBytes), .. records];
        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(RecordBatchHeader.LengthAt), changed.Length - RecordBatchHeader.PrefixBytes);
        BinaryPrimitives.WriteInt16BigEndian(changed.AsSpan(RecordBatchHeader.AttributesAt), (short)codec);
        return Reseal(changed);
    }

    /// <summary>Makes the checksum right after a change.</summary>
    public static byte[] Reseal(byte[] batch)
    {
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(RecordBatchHeader.ChecksumAt), Crc32C.Compute(batch.AsSpan(RecordBatchHeader.ChecksumStart)));
        return batch;
    }

    public static byte[] Compressed(byte[] batch, CompressionCodec codec, bool xerial = false) =>
        WithRecords(batch, codec, Compress(batch.AsSpan(RecordBatchHeader.HeaderBytes).ToArray(), codec, xerial));

    public static byte[] Compress(byte[] plain, CompressionCodec codec, bool xerial = false)
    {
        var target = new MemoryStream();
        switch (codec)
        {
            case CompressionCodec.Gzip:
                using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(plain);
                return target.ToArray();
            case CompressionCodec.Lz4:
                using (LZ4EncoderStream lz4 = LZ4Stream.Encode(target, leaveOpen: true)) lz4.Write(plain);
                return target.ToArray();
            case CompressionCodec.Zstd:
                using (var zstd = new ZstdSharp.Compressor()) return zstd.Wrap(plain).ToArray();
            case CompressionCodec.Snappy when xerial:
                return Xerial(plain);
            case CompressionCodec.Snappy:
                return Snappier.Snappy.CompressToArray(plain);
            default:
                return plain;
        }
    }

    // As snappy-java frames it: blocks of at most 32 KiB.
    private static byte[] Xerial(byte[] plain)
    {
        var target = new MemoryStream();
        target.Write([0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1]);
        for (int at = 0; at < plain.Length; at += 32 << 10)
        {
            byte[] block = Snappier.Snappy.CompressToArray(plain.AsSpan(at, Math.Min(32 << 10, plain.Length - at)));
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, block.Length);
            target.Write(length);
            target.Write(block);
        }
        return target.ToArray();
    }
}
