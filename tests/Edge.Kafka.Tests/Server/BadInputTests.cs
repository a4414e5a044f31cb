using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Edge.Kafka.Protocol;
using Edge.Log.Records;
using Edge.Log.Topics;
using Xunit;

namespace Edge.Kafka.Tests.Server;

/// <summary>What a hostile or broken client sends costs an answer or its own connection, and nothing else.</summary>
[Collection("alone")] // it measures what the whole process allocates
public sealed class BadInputTests
{
    private static int DescriptorLimit() => int.TryParse(
        File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], out int hard) ? hard : int.MaxValue;

    private static Action<KafkaWriter> Produce(byte[] batch, string topic = "t", string? transactionalId = null) => w =>
    {
        w.WriteNullableString(transactionalId);
        w.WriteInt16(-1);
        w.WriteInt32(30_000);
        w.WriteArrayLength(1);
        w.WriteString(topic);
        w.WriteArrayLength(1);
        w.WriteInt32(0);
        w.WriteBytes(batch);
    };

    private static async Task<ErrorCode> SendAsync(RawClient client, byte[] batch)
    {
        byte[] response = await client.CallAsync(ApiKey.Produce, 7, false, Produce(batch));
        return (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(response.AsSpan(4 + 3 + 4 + 4));
    }

    [Theory]
    [InlineData(0x7fff_ffff)]
    [InlineData(unchecked((int)0x8000_0000))]
    [InlineData(-1)]
    [InlineData(0)]
    public async Task Length_Absurd_ClosesTheConnectionWithoutMemory(int length)
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        long before = GC.GetTotalAllocatedBytes();
        await client.SendAsync(bytes);
        Assert.Null(await client.ReceiveAsync());
        Assert.True(GC.GetTotalAllocatedBytes() - before < 8 << 20);
        Assert.Equal(1, harness.Server.Statistics.MalformedRequests);
    }

    [Fact]
    public async Task Connections_ManyThatSayNothing_AreServedPastAndCostLittle()
    {
        int idle = Math.Min(10_000, (DescriptorLimit() - 1000) / 2); // both ends are in this process
        await using KafkaHarness harness = await KafkaHarness.StartAsync(new KafkaOptions { MaxConnections = idle + 10 });
        await harness.CreateTopicAsync();
        var sockets = new List<Socket>();
        try
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int i = 0; i < idle; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, harness.Port).WaitAsync(KafkaHarness.Deadline);
                if (i % 2 == 0) await socket.SendAsync(new byte[] { 0, 0, 1 }); // half of a length: half-open in the middle of a request
            }
            await KafkaHarness.UntilAsync(() => harness.Server.Statistics.Connections == idle, "all are open");
            long perConnection = (GC.GetTotalMemory(forceFullCollection: true) - before) / idle;
            Assert.True(perConnection < 32 << 10, $"{perConnection} bytes per idle connection");
            using RawClient client = await RawClient.ConnectAsync(harness.Port);
            Assert.Equal(ErrorCode.None, await SendAsync(client, TestBatch.Create("a")));
        }
        finally
        {
            foreach (Socket socket in sockets) socket.Dispose();
        }
        await KafkaHarness.UntilAsync(() => harness.Server.Statistics.Connections == 0, "all are gone");
    }

    // 64 MiB of zeros behind a few KiB of every codec.
    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    [InlineData(CompressionCodec.Snappy)]
    public async Task Produce_DecompressionBomb_IsRefusedWithBoundedMemory(CompressionCodec codec)
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync(new KafkaOptions { MaxDecompressedBytes = 1 << 20 });
        Topic topic = await harness.CreateTopicAsync();
        byte[] records = TestBatch.Compress(new byte[codec == CompressionCodec.Snappy ? 16 << 20 : 64 << 20], codec);
        byte[] bomb = TestBatch.WithRecords(TestBatch.Create("a"), codec, records);
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        long before = GC.GetTotalAllocatedBytes();
        Assert.Equal(ErrorCode.CorruptMessage, await SendAsync(client, bomb));
        long allocated = GC.GetTotalAllocatedBytes() - before;
        Assert.True(allocated < 16 << 20, $"{codec}: {allocated} bytes for a bomb of {bomb.Length}");
        Assert.Equal(0, topic.Partitions[0].HighWatermark);
        Assert.Equal(1, harness.Server.Statistics.BatchesRefused);
    }

    [Fact]
    public async Task Produce_BrokenBatches_GetTheirCodeAndTheConnectionGoesOn()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        Topic topic = await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] good = TestBatch.Create("a");
        byte[] wrongChecksum = [.. good];
        wrongChecksum[^1] ^= 1;
        Assert.Equal(ErrorCode.CorruptMessage, await SendAsync(client, wrongChecksum));
        Assert.Equal(ErrorCode.CorruptMessage, await SendAsync(client, good[..^1]));
        byte[] oldMagic = [.. good];
        oldMagic[RecordBatchHeader.MagicAt] = 1;
        Assert.Equal(ErrorCode.InvalidRecord, await SendAsync(client, oldMagic));
        byte[] control = [.. good];
        control[RecordBatchHeader.AttributesAt + 1] = 0x20;
        Assert.Equal(ErrorCode.InvalidRecord, await SendAsync(client, TestBatch.Reseal(control)));
        byte[] transactionalWithoutId = [.. good];
        transactionalWithoutId[RecordBatchHeader.AttributesAt + 1] = 0x10;
        Assert.Equal(ErrorCode.InvalidRecord, await SendAsync(client, TestBatch.Reseal(transactionalWithoutId)));
        byte[] strayTransaction = TestBatch.Create(["a"], producerId: 5);
        strayTransaction[RecordBatchHeader.AttributesAt + 1] = 0x10;
        Assert.Equal(ErrorCode.InvalidTxnState, await SendAsync(client, TestBatch.Reseal(strayTransaction)));
        Assert.Equal(ErrorCode.None, await SendAsync(client, good));
        Assert.Equal(1, topic.Partitions[0].HighWatermark);
        Assert.Equal(6, harness.Server.Statistics.BatchesRefused);
    }

    [Fact]
    public async Task Fetch_StaleOrFutureLeaderEpoch_IsToldApart()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        foreach ((int epoch, ErrorCode expected) in new[] { (harness.Journal.Epoch - 1, ErrorCode.FencedLeaderEpoch), (harness.Journal.Epoch + 1, ErrorCode.UnknownLeaderEpoch), (harness.Journal.Epoch, ErrorCode.None) })
        {
            byte[] response = await client.CallAsync(ApiKey.ListOffsets, 4, false, w =>
            {
                w.WriteInt32(-1);
                w.WriteInt8(0);
                w.WriteArrayLength(1);
                w.WriteString("t");
                w.WriteArrayLength(1);
                w.WriteInt32(0);
                w.WriteInt32(epoch);
                w.WriteInt64(-1);
            });
            Assert.Equal((short)expected, BinaryPrimitives.ReadInt16BigEndian(response.AsSpan(4 + 4 + 3 + 4 + 4)));
        }
    }

    // Goal: every cut and every flipped bit of a real request ends in an answer or a closed connection. Method: exhaustive over one frame, a connection each.
    [Fact]
    public async Task Request_EveryBitFlipped_HarmsNobodyElse()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using RawClient witness = await RawClient.ConnectAsync(harness.Port);
        byte[] frame = RawClient.Frame((short)ApiKey.Produce, 9, 1, true, w =>
        {
            w.WriteNullableString(null);
            w.WriteInt16(-1);
            w.WriteInt32(1000);
            w.WriteArrayLength(1);
            w.WriteString("t");
            w.WriteArrayLength(1);
            w.WriteInt32(0);
            w.WriteBytes(TestBatch.Create("a"));
            w.WriteTags();
            w.WriteTags();
            w.WriteTags();
        });
        for (int at = 4; at < frame.Length; at++)
        {
            byte[] broken = [.. frame];
            broken[at] ^= (byte)(1 << (at % 8));
            using RawClient client = await RawClient.ConnectAsync(harness.Port);
            await client.SendAsync(broken);
            client.CloseSending();
            await client.ReceiveAsync();
        }
        Assert.Equal(0, harness.Server.Statistics.Failures);
        Assert.Equal(ErrorCode.None, await SendAsync(witness, TestBatch.Create("b")));
    }
}
