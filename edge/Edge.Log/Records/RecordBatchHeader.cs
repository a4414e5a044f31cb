using System.Buffers.Binary;

namespace Edge.Log.Records;

/// <summary>Fixed header of a Kafka RecordBatch v2.</summary>
/// <remarks>61 bytes, big-endian. The checksum covers bytes 21 to the end, so that base offset and leader epoch can be stamped without recomputing it (KIP-98).</remarks>
public readonly record struct RecordBatchHeader(
    long BaseOffset, int SizeBytes, int PartitionLeaderEpoch, uint Checksum, short Attributes, int LastOffsetDelta,
    long BaseTimestampMs, long MaxTimestampMs, long ProducerId, short ProducerEpoch, int BaseSequence, int RecordCount)
{
    public const int HeaderBytes = 61, PrefixBytes = 12, ChecksumStart = 21;
    public const byte Magic = 2;
    public const int BaseOffsetAt = 0, LengthAt = 8, LeaderEpochAt = 12, MagicAt = 16, ChecksumAt = 17, AttributesAt = 21, LastOffsetDeltaAt = 23,
        BaseTimestampAt = 27, MaxTimestampAt = 35, ProducerIdAt = 43, ProducerEpochAt = 51, BaseSequenceAt = 53, RecordCountAt = 57;

    public long LastOffset => BaseOffset + LastOffsetDelta;
    public CompressionCodec Codec => (CompressionCodec)(Attributes & 0x07);
    public bool IsLogAppendTime => (Attributes & 0x08) != 0;
    public bool IsTransactional => (Attributes & 0x10) != 0;
    public bool IsControl => (Attributes & 0x20) != 0;
    public bool HasProducer => ProducerId >= 0;
    public int LastSequence => BaseSequence < 0 ? -1 : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    /// <summary>Reads and verifies one batch with its checksum. Allocates nothing; safe on untrusted bytes.</summary>
    public static BatchReadStatus TryRead(ReadOnlySpan<byte> source, int maxBatchBytes, out RecordBatchHeader header)
    {
        header = default;
        if (source.Length < HeaderBytes) return BatchReadStatus.Torn;
        int length = BinaryPrimitives.ReadInt32BigEndian(source[LengthAt..]);
        if (length < HeaderBytes - PrefixBytes || length > maxBatchBytes - PrefixBytes) return BatchReadStatus.Corrupt;
        int sizeBytes = length + PrefixBytes;
        if (source[MagicAt] != Magic) return BatchReadStatus.Corrupt;
        if (source.Length < sizeBytes) return BatchReadStatus.Torn;
        if (BinaryPrimitives.ReadUInt32BigEndian(source[ChecksumAt..]) != Crc32C.Compute(source[ChecksumStart..sizeBytes])) return BatchReadStatus.Corrupt;
        header = Parse(source);
        return header.LastOffsetDelta < 0 || header.RecordCount < 0 ? BatchReadStatus.Corrupt : BatchReadStatus.Ok;
    }

    /// <summary>Reads the fields without verifying. Only for bytes whose checksum was checked before; at least <see cref="HeaderBytes"/> long.</summary>
    public static RecordBatchHeader Parse(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt64BigEndian(source),
        BinaryPrimitives.ReadInt32BigEndian(source[LengthAt..]) + PrefixBytes,
        BinaryPrimitives.ReadInt32BigEndian(source[LeaderEpochAt..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[ChecksumAt..]),
        BinaryPrimitives.ReadInt16BigEndian(source[AttributesAt..]),
        BinaryPrimitives.ReadInt32BigEndian(source[LastOffsetDeltaAt..]),
        BinaryPrimitives.ReadInt64BigEndian(source[BaseTimestampAt..]),
        BinaryPrimitives.ReadInt64BigEndian(source[MaxTimestampAt..]),
        BinaryPrimitives.ReadInt64BigEndian(source[ProducerIdAt..]),
        BinaryPrimitives.ReadInt16BigEndian(source[ProducerEpochAt..]),
        BinaryPrimitives.ReadInt32BigEndian(source[BaseSequenceAt..]),
        BinaryPrimitives.ReadInt32BigEndian(source[RecordCountAt..]));

    /// <summary>Stamps what a broker may set after the producer made the batch; the checksum does not cover it.</summary>
    public static void Stamp(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[LeaderEpochAt..], leaderEpoch);
    }
}
