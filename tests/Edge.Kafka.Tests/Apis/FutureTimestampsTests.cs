using System.Text;
using Edge.Kafka.Apis;
using Edge.Kafka.Protocol;
using Edge.Log.Records;
using Xunit;

namespace Edge.Kafka.Tests.Apis;

public sealed class FutureTimestampsTests
{
    private const long Now = 1_700_000_000_000, Future = Now + 24 * 3600 * 1000;

    private static byte[] Batch(params long[] timestamps)
    {
        using var builder = new RecordBatchBuilder();
        byte[] headers = RecordHeaders.Encode([new RecordHeader("h", [1])]);
        for (int i = 0; i < timestamps.Length; i++) builder.Add(timestamps[i], true, Encoding.UTF8.GetBytes($"k{i}"), i != 1, i != 1 ? new byte[50] : default, 1, headers);
        return builder.Seal(0x10, 7, 3, 40).ToArray();
    }

    [Fact]
    public void TryClamp_NearFuture_LeavesTheBatchAlone()
    {
        Memory<byte> batch = Batch(Now, Now + 299_000);
        byte[] before = batch.ToArray();
        Assert.True(FutureTimestamps.TryClamp(ref batch, Now, 1 << 20, 1 << 20, out int records));
        Assert.Equal(0, records);
        Assert.Equal(before, batch.ToArray());
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Zstd)]
    public void TryClamp_FarFuture_HasIngestTimeAndTheOriginalAsHeader(CompressionCodec codec)
    {
        byte[] original = Batch(Now - 5, Future, Now - 3);
        Memory<byte> batch = codec == CompressionCodec.None ? original : TestBatch.WithRecords(original, codec, TestBatch.Compress(original[RecordBatchHeader.HeaderBytes..], codec));
        if (codec != CompressionCodec.None)
        {
            batch.Span[RecordBatchHeader.AttributesAt + 1] |= 0x10;
            TestBatch.Reseal(batch.ToArray()).CopyTo(batch);
        }
        Assert.True(FutureTimestamps.TryClamp(ref batch, Now, 1 << 20, 1 << 20, out int records));
        Assert.Equal(1, records);
        Assert.Equal(ErrorCode.None, BatchValidator.Validate(batch.Span, 9, new(1 << 20, 100_000, 1 << 20)).Error);
        RecordBatchHeader header = RecordBatchHeader.Parse(batch.Span);
        Assert.Equal((7L, (short)3, 40, true, 3, Now), (header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.IsTransactional, header.RecordCount, header.MaxTimestampMs));
        int index = 0;
        foreach (RecordView record in RecordEnumerator.OverBatch(batch.Span))
        {
            Assert.Equal($"k{index}", Encoding.UTF8.GetString(record.Key));
            Assert.Equal(index != 1, record.HasValue);
            Assert.True(record.TryGetHeader("h"u8, out _));
            Assert.Equal(index == 1, record.TryGetHeader("edge.time"u8, out ReadOnlySpan<byte> time));
            if (index == 1) Assert.Equal($"{Future}", Encoding.UTF8.GetString(time));
            Assert.Equal(index == 1 ? Now : Now - 5 + index, record.TimestampMs);
            index++;
        }
        Assert.Equal(3, index);
    }

    [Fact]
    public void TryClamp_TooLargeWhenWrittenAnew_IsRefused()
    {
        Memory<byte> batch = Batch(Future, Future, Future);
        Assert.False(FutureTimestamps.TryClamp(ref batch, Now, batch.Length, 1 << 20, out _));
    }
}
