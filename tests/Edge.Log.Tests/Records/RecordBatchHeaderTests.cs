using System.Buffers.Binary;
using Edge.Log.Records;

namespace Edge.Log.Tests.Records;

public sealed class RecordBatchHeaderTests
{
    // Goal: no prefix of a batch is ever read as a batch. Method: cut one at every byte; exhaustive, so no seed.
    [Fact]
    public void TryRead_BatchCutAtAnyByte_IsTorn()
    {
        byte[] batch = TestBatch.Create(recordCount: 3);
        for (int cut = 0; cut < batch.Length; cut++)
            Assert.Equal(BatchReadStatus.Torn, RecordBatchHeader.TryRead(batch.AsSpan(0, cut), maxBatchBytes: 1024, out _));
    }

    // Goal: no flipped bit behind the length passes, except in what a broker stamps. Method: flip every bit in turn.
    [Fact]
    public void TryRead_AnyBitFlipped_IsNotOkExceptInOffsetAndEpoch()
    {
        byte[] batch = TestBatch.Create(recordCount: 2);
        for (int bit = 0; bit < batch.Length * 8; bit++)
        {
            batch[bit / 8] ^= (byte)(1 << (bit % 8));
            BatchReadStatus status = RecordBatchHeader.TryRead(batch, maxBatchBytes: 1024, out _);
            bool isStamped = bit / 8 < RecordBatchHeader.LengthAt || bit / 8 is >= RecordBatchHeader.LeaderEpochAt and < RecordBatchHeader.MagicAt;
            Assert.Equal(isStamped, status == BatchReadStatus.Ok);
            batch[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(48)]
    [InlineData(1024 - 11)]
    [InlineData(int.MaxValue)]
    public void TryRead_LengthOutOfBounds_IsCorrupt(int length)
    {
        byte[] batch = TestBatch.Create(recordCount: 2);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchHeader.LengthAt), length);
        Assert.Equal(BatchReadStatus.Corrupt, RecordBatchHeader.TryRead(batch, maxBatchBytes: 1024, out _));
    }

    [Fact]
    public void TryRead_NegativeCountsUnderAValidChecksum_AreCorrupt()
    {
        foreach (int at in (int[])[RecordBatchHeader.LastOffsetDeltaAt, RecordBatchHeader.RecordCountAt])
        {
            byte[] batch = TestBatch.Create(recordCount: 2);
            BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(at), -5);
            BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(RecordBatchHeader.ChecksumAt), Crc32C.Compute(batch.AsSpan(RecordBatchHeader.ChecksumStart)));
            Assert.Equal(BatchReadStatus.Corrupt, RecordBatchHeader.TryRead(batch, maxBatchBytes: 1024, out _));
        }
    }

    [Fact]
    public void LastSequence_PastIntMax_WrapsToZeroAsInKafka()
    {
        RecordBatchHeader header = new(0, 61, 0, 0, 0, 3, 0, 0, 7, 0, int.MaxValue - 1, 4);
        Assert.Equal(1, header.LastSequence); // MAX-1, MAX, 0, 1
    }
}
