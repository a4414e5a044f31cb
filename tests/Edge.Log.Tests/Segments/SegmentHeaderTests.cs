using System.Buffers.Binary;
using Edge.Log.Records;
using Edge.Log.Segments;

namespace Edge.Log.Tests.Segments;

public sealed class SegmentHeaderTests
{
    private static readonly SegmentHeader Header = new(1 << 30, 17, 16, 4);

    [Fact]
    public void ToBytes_ThenTryRead_GivesTheSameHeader()
    {
        byte[] bytes = Header.ToBytes();
        Assert.Equal(SegmentHeader.HeaderBytes, bytes.Length);
        Assert.True(SegmentHeader.TryRead(bytes, "x", out SegmentHeader read));
        Assert.Equal(Header, read);
    }

    [Fact]
    public void TryRead_AnyBitFlippedOrCut_IsRefused()
    {
        byte[] bytes = Header.ToBytes();
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SegmentHeader.TryRead(bytes, "x", out _), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (int cut = 0; cut < bytes.Length; cut++) Assert.False(SegmentHeader.TryRead(bytes.AsSpan(0, cut), "x", out _));
    }

    [Fact]
    public void TryRead_NewerFormat_NamesFileAndVersions()
    {
        byte[] bytes = Header.ToBytes();
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), SegmentHeader.FormatVersion + 1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        JournalFormatException e = Assert.Throws<JournalFormatException>(() => SegmentHeader.TryRead(bytes, "00000000000000000042.seg", out _));
        Assert.Contains("00000000000000000042.seg", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{SegmentHeader.FormatVersion + 1}", e.Message, StringComparison.Ordinal);
    }
}
