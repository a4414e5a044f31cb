using System.Buffers.Binary;
using Edge.Log.Records;

namespace Edge.Log.Transactions;

/// <summary>The batch of one record with which a broker ends a transaction in a partition.</summary>
/// <remarks>Key: version int16 0, type int16 (0 abort, 1 commit). Value: version int16 0, coordinator epoch int32. Source: Kafka's EndTransactionMarker.</remarks>
public static class ControlBatch
{
    /// <summary>Attributes of a marker: control and transactional, not compressed.</summary>
    public const short Attributes = 0x30;

    /// <summary>Upper bound of a marker's bytes, batch header included.</summary>
    public const int MaxBytes = RecordBatchHeader.HeaderBytes + 64;

    private const short Abort = 0, Commit = 1;

    /// <summary>Fills the builder with a marker; the span is valid until the builder is changed.</summary>
    internal static Span<byte> Build(RecordBatchBuilder builder, long timestampMs, long producerId, short producerEpoch, bool isCommit, int coordinatorEpoch)
    {
        Span<byte> key = stackalloc byte[4], value = stackalloc byte[6];
        BinaryPrimitives.WriteInt16BigEndian(key, 0);
        BinaryPrimitives.WriteInt16BigEndian(key[2..], isCommit ? Commit : Abort);
        BinaryPrimitives.WriteInt16BigEndian(value, 0);
        BinaryPrimitives.WriteInt32BigEndian(value[2..], coordinatorEpoch);
        builder.Reset();
        builder.Add(timestampMs, true, key, true, value, 0, default);
        return builder.Seal(Attributes, producerId, producerEpoch);
    }

    /// <summary>What a verified control batch says. False when it is no transaction marker (another control type, or malformed).</summary>
    public static bool TryRead(ReadOnlySpan<byte> batch, out bool isCommit)
    {
        isCommit = false;
        RecordBatchHeader header = RecordBatchHeader.Parse(batch);
        if (!header.IsControl || header.Codec != CompressionCodec.None) return false;
        var records = new RecordEnumerator(header, batch[RecordBatchHeader.HeaderBytes..]);
        if (!records.MoveNext() || records.Current.Key.Length < 4) return false;
        short type = BinaryPrimitives.ReadInt16BigEndian(records.Current.Key[2..]);
        isCommit = type == Commit;
        return type is Abort or Commit;
    }
}
