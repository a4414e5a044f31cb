using System.Buffers.Binary;
using System.Text;

namespace Edge.Kafka.Groups;

/// <summary>What a group committed for one partition, as stored in <c>__consumer_offsets</c>.</summary>
/// <remarks>Value: version 1 (1 byte), offset (8), leader epoch (4), commit time in ms (8), then the metadata in UTF-8; big-endian.</remarks>
internal readonly record struct CommittedOffset(long Offset, int LeaderEpoch, long CommitTimeMs, string Metadata)
{
    private const byte Version = 1;
    private const int FixedBytes = 21;

    public byte[] Encode()
    {
        byte[] bytes = new byte[FixedBytes + Encoding.UTF8.GetByteCount(Metadata)];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Offset);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), LeaderEpoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(13), CommitTimeMs);
        Encoding.UTF8.GetBytes(Metadata, bytes.AsSpan(FixedBytes));
        return bytes;
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, out CommittedOffset offset)
    {
        offset = default;
        if (bytes.Length < FixedBytes || bytes[0] != Version) return false;
        offset = new(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt32BigEndian(bytes[9..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[13..]), Encoding.UTF8.GetString(bytes[FixedBytes..]));
        return true;
    }
}
