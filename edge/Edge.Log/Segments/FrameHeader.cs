using System.Buffers.Binary;
using Edge.Log.Records;

namespace Edge.Log.Segments;

/// <summary>Fixed header in front of every batch in a segment file.</summary>
/// <remarks>
/// 48 bytes, big-endian (docs/formats/journal.md). Its checksum covers the header and the first 21 bytes of the batch, which the batch's own checksum leaves
/// out. Sequence, epoch and boot tag tell a frame from what an earlier use of the same space left behind.
/// </remarks>
internal readonly record struct FrameHeader(
    int BatchBytes, int PartitionId, FrameFlags Flags, ushort BootTag, long Sequence, long IngestSequence, long DurablePosition, int Epoch)
{
    public const int HeaderBytes = 48, ChecksumAt = 44, CoveredBatchBytes = RecordBatchHeader.ChecksumStart;

    /// <summary>Partition id of a frame that only fills space up to a page boundary.</summary>
    public const int PaddingPartition = -1;

    public static ReadOnlySpan<byte> Magic => "EJF1"u8;

    public int FrameBytes => HeaderBytes + BatchBytes;
    public bool IsPadding => PartitionId == PaddingPartition;
    public bool EndsItem => (Flags & FrameFlags.EndsItem) != 0;

    /// <param name="frame">Header room followed by the batch, whose prefix is final.</param>
    public void Write(Span<byte> frame)
    {
        Magic.CopyTo(frame);
        BinaryPrimitives.WriteInt32BigEndian(frame[4..], BatchBytes);
        BinaryPrimitives.WriteInt32BigEndian(frame[8..], PartitionId);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(frame[14..], BootTag);
        BinaryPrimitives.WriteInt64BigEndian(frame[16..], Sequence);
        BinaryPrimitives.WriteInt64BigEndian(frame[24..], IngestSequence);
        BinaryPrimitives.WriteInt64BigEndian(frame[32..], DurablePosition);
        BinaryPrimitives.WriteInt32BigEndian(frame[40..], Epoch);
        BinaryPrimitives.WriteUInt32BigEndian(frame[ChecksumAt..], Checksum(frame, BatchBytes));
    }

    /// <summary>Reads and verifies a header; needs <see cref="HeaderBytes"/> + <see cref="CoveredBatchBytes"/> bytes where the frame has them. Safe on any bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, int maxBatchBytes, out FrameHeader header)
    {
        header = default;
        if (source.Length < HeaderBytes || !source[..4].SequenceEqual(Magic)) return false;
        int batchBytes = BinaryPrimitives.ReadInt32BigEndian(source[4..]);
        if (batchBytes < 0 || batchBytes > maxBatchBytes || source.Length < HeaderBytes + Math.Min(batchBytes, CoveredBatchBytes)) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(source[ChecksumAt..]) != Checksum(source, batchBytes)) return false;
        header = new FrameHeader(
            batchBytes,
            BinaryPrimitives.ReadInt32BigEndian(source[8..]),
            (FrameFlags)BinaryPrimitives.ReadUInt16BigEndian(source[12..]),
            BinaryPrimitives.ReadUInt16BigEndian(source[14..]),
            BinaryPrimitives.ReadInt64BigEndian(source[16..]),
            BinaryPrimitives.ReadInt64BigEndian(source[24..]),
            BinaryPrimitives.ReadInt64BigEndian(source[32..]),
            BinaryPrimitives.ReadInt32BigEndian(source[40..]));
        return header.IsPadding || batchBytes >= RecordBatchHeader.HeaderBytes;
    }

    private static uint Checksum(ReadOnlySpan<byte> frame, int batchBytes) =>
        Crc32C.Compute(frame[..ChecksumAt], frame.Slice(HeaderBytes, Math.Min(batchBytes, CoveredBatchBytes)));
}
