using Edge.Kafka.Protocol;
using Edge.Log.Topics;
using Xunit;

namespace Edge.Kafka.Tests.Apis;

/// <summary>An idempotent producer's window and the exact codes (KAFKA.md 1.3), over the wire.</summary>
public sealed class ProduceWindowTests
{
    private const long Producer = 77;

    private static async Task<(ErrorCode Error, long Offset)> SendAsync(RawClient client, int sequence, int records = 1, short epoch = 0)
    {
        byte[] batch = TestBatch.Create([.. Enumerable.Range(0, records).Select(i => $"{sequence + i}")], Producer, epoch, sequence);
        byte[] response = await client.CallAsync(ApiKey.Produce, 7, false, w =>
        {
            w.WriteNullableString(null);
            w.WriteInt16(-1);
            w.WriteInt32(30_000);
            w.WriteArrayLength(1);
            w.WriteString("t");
            w.WriteArrayLength(1);
            w.WriteInt32(0);
            w.WriteBytes(batch);
        });
        var reader = new KafkaReader(response);
        reader.ReadArrayLength(1);
        reader.ReadString();
        reader.ReadArrayLength(1);
        reader.ReadInt32();
        return ((ErrorCode)reader.ReadInt16(), reader.ReadInt64());
    }

    [Fact]
    public async Task Produce_RetriesOfTheLastFive_GetTheOriginalOffsetOlderOnes45()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        Topic topic = await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        for (int i = 0; i < 6; i++) Assert.Equal((ErrorCode.None, i * 2L), await SendAsync(client, i * 2, records: 2));
        for (int i = 1; i < 6; i++) Assert.Equal((ErrorCode.None, i * 2L), await SendAsync(client, i * 2, records: 2));
        Assert.Equal(ErrorCode.OutOfOrderSequence, (await SendAsync(client, 0, records: 2)).Error);  // out of the window
        Assert.Equal(ErrorCode.OutOfOrderSequence, (await SendAsync(client, 13)).Error);             // a gap
        Assert.Equal(ErrorCode.OutOfOrderSequence, (await SendAsync(client, 10, records: 1)).Error); // overlaps, but is not the same batch
        Assert.Equal((ErrorCode.None, 12L), await SendAsync(client, 12));
        Assert.Equal(13, topic.Partitions[0].HighWatermark);
        Assert.Equal(5, harness.Server.Statistics.DuplicateBatches);
    }

    [Fact]
    public async Task Produce_Epochs_OlderIs47AndANewOneBeginsAt0()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        Assert.Equal((ErrorCode.None, 0L), await SendAsync(client, 0, epoch: 3));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await SendAsync(client, 1, epoch: 2)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequence, (await SendAsync(client, 1, epoch: 4)).Error);
        Assert.Equal((ErrorCode.None, 1L), await SendAsync(client, 0, epoch: 4));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await SendAsync(client, 1, epoch: 3)).Error);
    }

    [Fact]
    public async Task Produce_SequenceAtItsEnd_GoesOnAt0()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        Assert.Equal((ErrorCode.None, 0L), await SendAsync(client, int.MaxValue - 1, records: 2)); // an unknown producer may begin anywhere
        Assert.Equal((ErrorCode.None, 2L), await SendAsync(client, 0));
    }

    [Fact]
    public async Task Produce_RetryOverARestart_IsStillKnown()
    {
        string directory = KafkaHarness.CreateDirectory();
        try
        {
            for (int run = 0; run < 2; run++)
            {
                await using KafkaHarness harness = await KafkaHarness.StartAsync(directory: directory);
                if (run == 0) await harness.CreateTopicAsync();
                using RawClient client = await RawClient.ConnectAsync(harness.Port);
                Assert.Equal((ErrorCode.None, 0L), await SendAsync(client, 0));
                Assert.True(harness.Journal.Topics.TryGet("t", out Topic topic));
                Assert.Equal(1, topic.Partitions[0].HighWatermark);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task DeleteRecords_MovesTheStartAndRespectsWhatTheUplinkWants()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        Topic topic = await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        for (int i = 0; i < 10; i++) await SendAsync(client, i);
        topic.Partitions[0].RetentionFloor = 6;
        Assert.Equal((4L, ErrorCode.None), await DeleteAsync(client, 4));
        Assert.Equal((-1L, ErrorCode.PolicyViolation), await DeleteAsync(client, 7));
        Assert.Equal((-1L, ErrorCode.OffsetOutOfRange), await DeleteAsync(client, 11));
        topic.Partitions[0].RetentionFloor = long.MaxValue;
        Assert.Equal((10L, ErrorCode.None), await DeleteAsync(client, -1));
        Assert.Equal(10, topic.Partitions[0].LogStartOffset);
    }

    private static async Task<(long LogStart, ErrorCode Error)> DeleteAsync(RawClient client, long offset)
    {
        byte[] response = await client.CallAsync(ApiKey.DeleteRecords, 1, false, w =>
        {
            w.WriteArrayLength(1);
            w.WriteString("t");
            w.WriteArrayLength(1);
            w.WriteInt32(0);
            w.WriteInt64(offset);
            w.WriteInt32(30_000);
        });
        var reader = new KafkaReader(response.AsSpan(response.Length - 10));
        return (reader.ReadInt64(), (ErrorCode)reader.ReadInt16());
    }
}
