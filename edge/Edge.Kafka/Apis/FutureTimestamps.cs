using System.Globalization;
using System.Text;
using Edge.Log.Compression;
using Edge.Log.Records;

namespace Edge.Kafka.Apis;

/// <summary>Keeps far-future timestamps out of the journal, where they would keep their segment for ever: such a record gets ingest time and its own one as header <c>edge.time</c>.</summary>
/// <remarks>
/// A clock a little ahead of ours is no reason to touch a batch: up to <see cref="Tolerance"/> it is stored as it came. Otherwise it is written anew, uncompressed, with the same
/// offsets, producer and sequence.
/// </remarks>
internal static class FutureTimestamps
{
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <param name="batch">A validated batch; replaced when one of its timestamps lies in the future.</param>
    /// <param name="records">How many records were changed.</param>
    /// <returns>False: written anew the batch would be too large.</returns>
    public static bool TryClamp(ref Memory<byte> batch, long nowMs, int maxBatchBytes, int maxDecompressedBytes, out int records)
    {
        records = 0;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch.Span);
        if (header.MaxTimestampMs <= nowMs + (long)Tolerance.TotalMilliseconds) return true;
        ReadOnlySpan<byte> section = batch.Span[RecordBatchHeader.HeaderBytes..];
        if (header.Codec != CompressionCodec.None)
        {
            if (!BatchDecompressor.TryDecompress(header, section, maxDecompressedBytes, out byte[] plain)) return false;
            section = plain;
        }
        using var builder = new RecordBatchBuilder(batch.Length + 64);
        foreach (RecordView record in new RecordEnumerator(header, section))
        {
            bool isFuture = record.TimestampMs > nowMs;
            // A record that came through another appliance may have its header already: the first time is the right one.
            bool isMarked = isFuture && !record.TryGetHeader("edge.time"u8, out _);
            byte[] added = isMarked ? RecordHeaders.Encode([new RecordHeader("edge.time", Encoding.ASCII.GetBytes(record.TimestampMs.ToString(CultureInfo.InvariantCulture)))]) : [];
            if (builder.SizeBytes + RecordBatchBuilder.MaxRecordBytes(record.Key.Length, record.Value.Length, record.EncodedHeaders.Length + added.Length) > maxBatchBytes) return false;
            builder.Add(isFuture ? nowMs : record.TimestampMs, record.HasKey, record.Key, record.HasValue, record.Value,
                record.HeaderCount + (isMarked ? 1 : 0), isMarked ? [.. record.EncodedHeaders, .. added] : record.EncodedHeaders);
            if (isFuture) records++;
        }
        batch = builder.Seal((short)(header.Attributes & 0x10), header.ProducerId, header.ProducerEpoch, header.BaseSequence).ToArray();
        return true;
    }
}
