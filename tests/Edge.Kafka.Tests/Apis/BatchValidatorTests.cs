using System.Buffers.Binary;
using Edge.Kafka.Apis;
using Edge.Kafka.Protocol;
using Edge.Log.Records;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Kafka.Tests.Apis;

public sealed class BatchValidatorTests(ITestOutputHelper output)
{
    private static readonly BatchLimits Limits = new(1 << 20, 100_000, 1 << 20);

    private static BatchVerdict Validate(byte[] batch, short version = 9) => BatchValidator.Validate(batch, version, Limits);

    [Fact]
    public void Validate_WholeBatch_IsAcceptedUnchanged()
    {
        byte[] batch = TestBatch.Create("a", "b", "c"), before = [.. batch];
        BatchVerdict verdict = Validate(batch);
        Assert.Equal((ErrorCode.None, 3), (verdict.Error, verdict.RecordCount));
        Assert.Equal(before, batch);
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip, false)]
    [InlineData(CompressionCodec.Snappy, false)]
    [InlineData(CompressionCodec.Snappy, true)]
    [InlineData(CompressionCodec.Lz4, false)]
    [InlineData(CompressionCodec.Zstd, false)]
    public void Validate_CompressedBatch_IsAcceptedUnchanged(CompressionCodec codec, bool xerial)
    {
        byte[] batch = TestBatch.Compressed(TestBatch.Create([.. Enumerable.Range(0, 500).Select(i => $"value {i}")]), codec, xerial), before = [.. batch];
        BatchVerdict verdict = Validate(batch);
        Assert.True(verdict.Error == ErrorCode.None, verdict.Reason);
        Assert.Equal(500, verdict.RecordCount);
        Assert.Equal(before, batch);
    }

    [Fact]
    public void Validate_OneBitChanged_IsNeverAcceptedAsAnotherBatch()
    {
        byte[] batch = TestBatch.Create("a", "b");
        for (int bit = RecordBatchHeader.MagicAt * 8; bit < batch.Length * 8; bit++)
        {
            byte[] damaged = [.. batch];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(ErrorCode.None, Validate(damaged).Error);
        }
    }

    [Fact]
    public void Validate_CutAnywhere_IsRefused()
    {
        byte[] batch = TestBatch.Create("a", "b");
        for (int cut = 0; cut < batch.Length; cut++) Assert.NotEqual(ErrorCode.None, Validate(batch[..cut]).Error);
    }

    [Fact]
    public void Validate_TwoBatches_IsInvalidRecord() =>
        Assert.Equal(ErrorCode.InvalidRecord, Validate([.. TestBatch.Create("a"), .. TestBatch.Create("b")]).Error);

    [Theory]
    [InlineData(RecordBatchHeader.RecordCountAt, 3, ErrorCode.InvalidRecord)]
    [InlineData(RecordBatchHeader.LastOffsetDeltaAt, 5, ErrorCode.InvalidRecord)]
    [InlineData(RecordBatchHeader.RecordCountAt, 0, ErrorCode.InvalidRecord)]
    public void Validate_WrongNumberInHeader_IsRefused(int at, int value, object expected)
    {
        byte[] batch = TestBatch.Create("a", "b");
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(at), value);
        Assert.Equal(expected, Validate(TestBatch.Reseal(batch)).Error);
    }

    [Theory]
    [InlineData(0x20, ErrorCode.InvalidRecord)]              // control
    [InlineData(0x10, ErrorCode.InvalidRecord)]              // transactional without a producer id
    [InlineData(0x05, ErrorCode.UnsupportedCompressionType)] // no such codec
    public void Validate_AttributesNotAllowed_IsRefused(short attributes, object expected)
    {
        byte[] batch = TestBatch.Create("a");
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(RecordBatchHeader.AttributesAt), attributes);
        Assert.Equal(expected, Validate(TestBatch.Reseal(batch)).Error);
    }

    [Fact]
    public void Validate_ZstdBeforeVersion7_IsUnsupported() =>
        Assert.Equal(ErrorCode.UnsupportedCompressionType, Validate(TestBatch.Compressed(TestBatch.Create("a"), CompressionCodec.Zstd), version: 6).Error);

    [Fact]
    public void Validate_ProducerIdWithoutSequence_IsRefused() => Assert.Equal(ErrorCode.InvalidRecord, Validate(TestBatch.Create(["a"], producerId: 5, sequence: -1)).Error);

    [Fact]
    public void Validate_RecordOverTheLimit_IsTooLarge() => Assert.Equal(ErrorCode.MessageTooLarge, Validate(TestBatch.Create(new string('x', 100_001))).Error);

    [Fact]
    public void Validate_WrongLargestTimestamp_IsPutRight()
    {
        byte[] batch = TestBatch.Create("a", "b");
        long right = RecordBatchHeader.Parse(batch).MaxTimestampMs;
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(RecordBatchHeader.MaxTimestampAt), 5);
        Assert.Equal(ErrorCode.None, Validate(TestBatch.Reseal(batch)).Error);
        Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(batch, 1 << 20, out RecordBatchHeader header));
        Assert.Equal(right, header.MaxTimestampMs);
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    [InlineData(CompressionCodec.Snappy)]
    public void Validate_DecompressionBomb_IsRefused(CompressionCodec codec)
    {
        byte[] bomb = TestBatch.WithRecords(TestBatch.Create("a"), codec, TestBatch.Compress(new byte[8 << 20], codec));
        Assert.True(bomb.Length < Limits.MaxBatchBytes);
        Assert.Equal(ErrorCode.CorruptMessage, Validate(bomb).Error);
    }

    // Goal: records that do not hold what the header says are refused and nothing throws, whatever the codec. Method: random damage under a right checksum.
    [Fact]
    public void Validate_DamagedRecordsUnderARightChecksum_NeverThrows()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] plain = TestBatch.Create([.. Enumerable.Range(0, 20).Select(i => $"value {i}")]);
        foreach (CompressionCodec codec in Enum.GetValues<CompressionCodec>())
        {
            byte[] batch = codec == CompressionCodec.None ? plain : TestBatch.Compressed(plain, codec);
            for (int run = 0; run < 300; run++)
            {
                byte[] damaged = [.. batch];
                for (int i = 0; i <= random.Next(3); i++) damaged[random.Next(RecordBatchHeader.HeaderBytes, damaged.Length)] = (byte)random.Next(256);
                try
                {
                    Validate(TestBatch.Reseal(damaged));
                }
                catch (Exception e)
                {
                    Assert.Fail($"{codec}, seed {seed}: {e}");
                }
            }
        }
    }
}
