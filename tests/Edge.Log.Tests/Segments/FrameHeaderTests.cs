using System.Buffers.Binary;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.Tests.Records;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Segments;

public sealed class FrameHeaderTests
{
    [Fact]
    public void Write_ThenTryRead_GivesTheSameHeader()
    {
        (byte[] frame, FrameHeader header) = MakeFrame();
        Assert.True(FrameHeader.TryRead(frame, 1 << 20, out FrameHeader read));
        Assert.Equal(header, read);
        Assert.Equal(frame.Length, read.FrameBytes);
    }

    // Goal: no flipped bit of the header, or of what the batch's own checksum leaves out, goes unseen. Exhaustive.
    [Fact]
    public void TryRead_AnyBitFlippedInWhatItCovers_IsRefused()
    {
        (byte[] frame, _) = MakeFrame();
        for (int bit = 0; bit < (FrameHeader.HeaderBytes + FrameHeader.CoveredBatchBytes) * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(FrameHeader.TryRead(frame, 1 << 20, out _), $"bit {bit}");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    // Goal: header checksum and batch checksum together cover every byte of a frame.
    [Fact]
    public void FrameAndBatch_AnyBitFlipped_OneOfTheTwoChecksumsSeesIt()
    {
        (byte[] frame, _) = MakeFrame();
        for (int bit = 0; bit < frame.Length * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            bool good = FrameHeader.TryRead(frame, 1 << 20, out _)
                && RecordBatchHeader.TryRead(frame.AsSpan(FrameHeader.HeaderBytes), 1 << 20, out _) == BatchReadStatus.Ok;
            Assert.False(good, $"bit {bit}");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void TryRead_CutAtAnyByte_NeverReadsPastTheEnd()
    {
        (byte[] frame, _) = MakeFrame();
        for (int cut = 0; cut < frame.Length; cut++)
            Assert.Equal(cut >= FrameHeader.HeaderBytes + FrameHeader.CoveredBatchBytes, FrameHeader.TryRead(frame.AsSpan(0, cut), 1 << 20, out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(2000)]
    public void TryRead_LengthNoWriterWrites_IsRefusedBeforeItIsUsed(int length)
    {
        (byte[] frame, _) = MakeFrame();
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), length);
        Assert.False(FrameHeader.TryRead(frame, 1000, out _));
    }

    [Fact]
    public void TryRead_RandomBytesBehindTheMagic_AreRefused()
    {
        SeededRandom random = new(5);
        byte[] bytes = new byte[200];
        for (int run = 0; run < 50_000; run++)
        {
            random.Fill(bytes);
            FrameHeader.Magic.CopyTo(bytes);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), random.Next(300));
            Assert.False(FrameHeader.TryRead(bytes.AsSpan(0, random.Next(200)), 1000, out _));
        }
    }

    private static (byte[] Frame, FrameHeader Header) MakeFrame()
    {
        byte[] batch = TestBatch.Create(2);
        RecordBatchHeader.Stamp(batch, 77, 3);
        FrameHeader header = new(batch.Length, 5, FrameFlags.EndsItem, 0xBEEF, 123, 456, 789, 3);
        byte[] frame = new byte[header.FrameBytes];
        batch.CopyTo(frame, FrameHeader.HeaderBytes);
        header.Write(frame);
        return (frame, header);
    }
}
