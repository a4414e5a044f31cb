using System.Buffers.Binary;
using Edge.Kafka.Protocol;
using Edge.Log.Compression;
using Edge.Log.Records;

namespace Edge.Kafka.Apis;

/// <param name="Error">Anything but None: the batch must not be stored.</param>
internal readonly record struct BatchVerdict(ErrorCode Error, string? Reason, int RecordCount)
{
    public static BatchVerdict Bad(ErrorCode error, string reason) => new(error, reason, 0);
}

internal readonly record struct BatchLimits(int MaxBatchBytes, int MaxRecordBytes, int MaxDecompressedBytes);

/// <summary>Decides whether what a producer sent for one partition may be stored as it is.</summary>
/// <remarks>Follows Kafka's <c>LogValidator</c>: one batch, magic 2, checksum, count and offsets, no control batch, sequence with a producer id. Compressed records are
/// unpacked within a bound and thrown away: what is stored is what was sent. Fuzzed.</remarks>
internal static class BatchValidator
{
    /// <param name="batch">Changed in one case: a header whose largest timestamp is not that of its records, or that claims broker time, is put right.</param>
    /// <param name="produceVersion">zstd needs version 7.</param>
    public static BatchVerdict Validate(Span<byte> batch, short produceVersion, in BatchLimits limits)
    {
        if (batch.Length < RecordBatchHeader.HeaderBytes) return BatchVerdict.Bad(ErrorCode.CorruptMessage, $"{batch.Length} bytes are no record batch.");
        if (batch[RecordBatchHeader.MagicAt] != RecordBatchHeader.Magic)
            return BatchVerdict.Bad(ErrorCode.InvalidRecord, $"The batch has magic {batch[RecordBatchHeader.MagicAt]}; 2 is allowed.");
        if (batch.Length > limits.MaxBatchBytes)
            return BatchVerdict.Bad(ErrorCode.MessageTooLarge, $"The batch has {batch.Length} bytes; at most {limits.MaxBatchBytes} are allowed.");
        int length = BinaryPrimitives.ReadInt32BigEndian(batch[RecordBatchHeader.LengthAt..]);
        if (length >= 0 && length < batch.Length - RecordBatchHeader.PrefixBytes)
            return BatchVerdict.Bad(ErrorCode.InvalidRecord, "There is more than one batch for the partition; one is allowed.");
        if (RecordBatchHeader.TryRead(batch, limits.MaxBatchBytes, out RecordBatchHeader header) != BatchReadStatus.Ok)
            return BatchVerdict.Bad(ErrorCode.CorruptMessage, "The batch's length or checksum is wrong.");
        if (header.RecordCount < 1 || header.LastOffsetDelta != header.RecordCount - 1)
            return BatchVerdict.Bad(ErrorCode.InvalidRecord, $"The batch has {header.RecordCount} records and last offset delta {header.LastOffsetDelta}.");
        if (header.IsControl) return BatchVerdict.Bad(ErrorCode.InvalidRecord, "Control batches are written by the broker alone.");
        if (header.IsTransactional && !header.HasProducer) return BatchVerdict.Bad(ErrorCode.InvalidRecord, "The batch is transactional and has no producer id.");
        if (header.HasProducer && (header.BaseSequence < 0 || header.ProducerEpoch < 0))
            return BatchVerdict.Bad(ErrorCode.InvalidRecord, "The batch has a producer id without a sequence or an epoch.");
        if (header.Codec > CompressionCodec.Zstd || (header.Codec == CompressionCodec.Zstd && produceVersion < 7))
            return BatchVerdict.Bad(ErrorCode.UnsupportedCompressionType, $"Compression {(int)header.Codec} is not supported in produce version {produceVersion}.");
        return header.Codec == CompressionCodec.None
            ? ValidateRecords(batch, header, batch[RecordBatchHeader.HeaderBytes..], limits)
            : ValidateCompressed(batch, header, limits);
    }

    private static BatchVerdict ValidateCompressed(Span<byte> batch, in RecordBatchHeader header, in BatchLimits limits)
    {
        if (!BatchDecompressor.TryDecompress(header, batch[RecordBatchHeader.HeaderBytes..], limits.MaxDecompressedBytes, out byte[] records))
            return BatchVerdict.Bad(ErrorCode.CorruptMessage, $"The {header.Codec} records do not decompress, or to more than {limits.MaxDecompressedBytes} bytes.");
        return ValidateRecords(batch, header, records, limits);
    }

    private static BatchVerdict ValidateRecords(Span<byte> batch, in RecordBatchHeader header, ReadOnlySpan<byte> section, in BatchLimits limits)
    {
        var records = new RecordEnumerator(header, section);
        int count = 0;
        long maxTimestamp = long.MinValue;
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            if (record.Offset - header.BaseOffset != count) return BatchVerdict.Bad(ErrorCode.InvalidRecord, $"Record {count} does not have offset delta {count}.");
            int size = record.Key.Length + record.Value.Length + record.EncodedHeaders.Length;
            if (size > limits.MaxRecordBytes && SizeWithoutOurs(record) > limits.MaxRecordBytes)
                return BatchVerdict.Bad(ErrorCode.MessageTooLarge, $"Record {count} has {size} bytes of key, value and headers; at most {limits.MaxRecordBytes} are allowed.");
            if (record.HeaderCount > 0 && !AreHeadersWhole(record)) return BatchVerdict.Bad(ErrorCode.InvalidRecord, $"The headers of record {count} are malformed.");
            if (record.TimestampMs > maxTimestamp) maxTimestamp = record.TimestampMs;
            count++;
        }
        if (records.IsMalformed || count != header.RecordCount) return BatchVerdict.Bad(ErrorCode.InvalidRecord, $"The batch's records are malformed after record {count}.");
        if (records.BytesLeft != 0) return BatchVerdict.Bad(ErrorCode.InvalidRecord, $"{records.BytesLeft} bytes follow the last record.");
        if (header.IsLogAppendTime || maxTimestamp != header.MaxTimestampMs) PutTimestampRight(batch, header, section, maxTimestamp);
        return new(ErrorCode.None, null, count);
    }

    private static bool AreHeadersWhole(in RecordView record)
    {
        int count = 0;
        foreach (RecordHeaderView _ in record.Headers) count++;
        return count == record.HeaderCount;
    }

    /// <summary>The limit is about what the source sent; an upstream appliance's <c>edge.*</c> headers are not counted.</summary>
    private static int SizeWithoutOurs(in RecordView record)
    {
        int size = record.Key.Length + record.Value.Length;
        foreach (RecordHeaderView header in record.Headers)
        {
            if (!header.Name.StartsWith("edge."u8)) size += header.Name.Length + header.Value.Length;
        }
        return size;
    }

    // The time index trusts the header, so a producer's mistake there must not hide records from a search by time.
    private static void PutTimestampRight(Span<byte> batch, in RecordBatchHeader header, ReadOnlySpan<byte> section, long maxTimestamp)
    {
        if (header.IsLogAppendTime)
        {
            RecordBatchHeader asCreated = header with { Attributes = (short)(header.Attributes & ~0x08) };
            maxTimestamp = long.MinValue;
            foreach (RecordView record in new RecordEnumerator(asCreated, section)) maxTimestamp = Math.Max(maxTimestamp, record.TimestampMs);
            BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.AttributesAt..], asCreated.Attributes);
        }
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampAt..], maxTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatchHeader.ChecksumAt..], Crc32C.Compute(batch[RecordBatchHeader.ChecksumStart..]));
    }
}
