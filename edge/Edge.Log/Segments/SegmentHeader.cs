using System.Buffers.Binary;
using Edge.Log.Records;

namespace Edge.Log.Segments;

/// <summary>The first 64 bytes of a segment file.</summary>
/// <remarks>docs/formats/journal.md. Written and synced before the file gets its name, so a named segment always has a good one.</remarks>
internal readonly record struct SegmentHeader(long BasePosition, long FirstSequence, long FirstIngestSequence, int Epoch)
{
    public const int HeaderBytes = 64, FormatVersion = 1;
    private const int ChecksumAt = 60;

    private static ReadOnlySpan<byte> Magic => "EDGESEG\0"u8;

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), Epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), BasePosition);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(24), FirstSequence);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(32), FirstIngestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(ChecksumAt), Crc32C.Compute(bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <exception cref="JournalFormatException">Written by a newer version.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, string name, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < HeaderBytes || !bytes[..8].SequenceEqual(Magic)) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[ChecksumAt..]) != Crc32C.Compute(bytes[..ChecksumAt])) return false;
        int version = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        if (version != FormatVersion)
            throw new JournalFormatException($"Segment '{name}' has format version {version}; this version of Edge reads {FormatVersion}. Nothing was changed.");
        header = new SegmentHeader(
            BinaryPrimitives.ReadInt64BigEndian(bytes[16..]), BinaryPrimitives.ReadInt64BigEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[32..]), BinaryPrimitives.ReadInt32BigEndian(bytes[12..]));
        return true;
    }
}
