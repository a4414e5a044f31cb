using System.Buffers.Binary;
using System.Text;
using Edge.Kafka.Protocol;
using Edge.Log.Topics;
using Xunit;

namespace Edge.Kafka.Tests.Server;

public sealed class KafkaServerTests
{
    private static void ProduceBody(KafkaWriter w, string topic, int partition, byte[] batch, short acks = -1)
    {
        w.WriteNullableString(null);
        w.WriteInt16(acks);
        w.WriteInt32(30_000);
        w.WriteArrayLength(1);
        w.WriteString(topic);
        w.WriteArrayLength(1);
        w.WriteInt32(partition);
        w.WriteBytes(batch);
        w.WriteTags();
        w.WriteTags();
        w.WriteTags();
    }

    private static (ErrorCode Error, long Offset) ReadProduce(byte[] response)
    {
        var r = new KafkaReader(response);
        Assert.Equal(1, r.ReadArrayLength(1));
        r.ReadString();
        Assert.Equal(1, r.ReadArrayLength(1));
        r.ReadInt32();
        return ((ErrorCode)r.ReadInt16(), r.ReadInt64());
    }

    private static async Task<(ErrorCode Error, long Offset)> ProduceAsync(RawClient client, string topic, byte[] batch, int partition = 0) =>
        ReadProduce(await client.CallAsync(ApiKey.Produce, 7, false, w => ProduceBody(w, topic, partition, batch)));

    private static void FetchBody(KafkaWriter w, string topic, long offset, int maxWaitMs, int minBytes = 1, int partitionMaxBytes = 1 << 20)
    {
        w.WriteInt32(-1);
        w.WriteInt32(maxWaitMs);
        w.WriteInt32(minBytes);
        w.WriteInt32(50 << 20);
        w.WriteInt8(1);
        w.WriteInt32(0);
        w.WriteInt32(-1);
        w.WriteArrayLength(1);
        w.WriteString(topic);
        w.WriteArrayLength(1);
        w.WriteInt32(0);
        w.WriteInt32(-1);
        w.WriteInt64(offset);
        w.WriteInt64(-1);
        w.WriteInt32(partitionMaxBytes);
        w.WriteArrayLength(0);
        w.WriteString("");
    }

    private static (ErrorCode Error, long HighWatermark, byte[] Records) ReadFetch(byte[] response)
    {
        var r = new KafkaReader(response);
        r.ReadInt32();
        Assert.Equal(0, r.ReadInt16());
        Assert.Equal(0, r.ReadInt32());
        Assert.Equal(1, r.ReadArrayLength(1));
        r.ReadString();
        Assert.Equal(1, r.ReadArrayLength(1));
        r.ReadInt32();
        var error = (ErrorCode)r.ReadInt16();
        long highWatermark = r.ReadInt64();
        r.ReadInt64();
        r.ReadInt64();
        Assert.Equal(-1, r.ReadNullableArrayLength(1));
        r.ReadInt32();
        byte[] records = r.ReadBytes();
        Assert.Equal(0, r.BytesLeft);
        return (error, highWatermark, records);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0hello of TLS")]
    [InlineData("\0\0\0\u0007short..")]
    [InlineData("\u007f\u007f\u007f\u007f")]
    [InlineData("\0\0\0\u0010\0\u0003\0\u0001\0\0\0\u0001\u007f\u007fabcdef")]
    public async Task Connection_BytesThatAreNotKafka_IsClosedAndCounted(string text)
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        await client.SendAsync(Encoding.Latin1.GetBytes(text));
        Assert.Null(await client.ReceiveAsync());
        await KafkaHarness.UntilAsync(() => harness.Server.Statistics.Connections == 0, "the connection is gone");
        Assert.Equal(1, harness.Server.Statistics.MalformedRequests);
        using RawClient other = await RawClient.ConnectAsync(harness.Port);
        Assert.NotEmpty(await other.CallAsync(ApiKey.ApiVersions, 0, false, _ => { }));
    }

    [Fact]
    public async Task Connection_RequestCutInTheMiddle_IsClosedAndCounted()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] frame = RawClient.Frame((short)ApiKey.Metadata, 1, 1, false, w => w.WriteArrayLength(-1));
        await client.SendAsync(frame.AsMemory(0, frame.Length - 1));
        client.CloseSending();
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(1, harness.Server.Statistics.MalformedRequests);
    }

    // A producer with acks 0 may send and hang up: what it sent in time is stored.
    [Fact]
    public async Task Connection_EndedByThePeerBehindItsRequests_HasAllOfThemDone()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        Topic topic = await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        var all = new List<byte>();
        for (int i = 0; i < 500; i++) all.AddRange(RawClient.Frame((short)ApiKey.Produce, 7, i, false, w => ProduceBody(w, "t", 0, TestBatch.Create("a"), acks: 0)));
        await client.SendAsync(all.ToArray());
        client.CloseSending();
        Assert.Null(await client.ReceiveAsync());
        await KafkaHarness.UntilAsync(() => topic.Partitions[0].HighWatermark == 500, "all records are stored");
    }

    [Fact]
    public async Task ApiVersions_UnknownVersion_IsAnsweredInVersion0()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] response = await client.CallAsync(ApiKey.ApiVersions, 99, false, _ => { });
        Assert.Equal(Convert.FromHexString("0023" + "00000001" + "001200000004"), response);
    }

    [Fact]
    public async Task ApiVersions_AllApis_AreWhatIsOffered()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] response = await client.CallAsync(ApiKey.ApiVersions, 3, true, w =>
        {
            w.WriteString("test");
            w.WriteString("1.0");
            w.WriteTags();
        });
        var reader = new KafkaReader(response, flexible: true);
        Assert.Equal(0, reader.ReadInt16());
        int count = reader.ReadArrayLength(7);
        Assert.Equal(harness.Server.Apis.All.Count, count);
        for (int i = 0; i < count; i++)
        {
            short key = reader.ReadInt16(), min = reader.ReadInt16(), max = reader.ReadInt16();
            reader.SkipTags();
            Assert.NotNull(harness.Server.Apis.Find(key, min));
            Assert.NotNull(harness.Server.Apis.Find(key, max));
            Assert.Null(harness.Server.Apis.Find(key, (short)(max + 1)));
        }
        Assert.Equal(0, reader.ReadInt32());
    }

    [Fact]
    public async Task Request_VersionNotOffered_ClosesTheConnection()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        await client.SendAsync(RawClient.Frame((short)ApiKey.Fetch, 3, 1, false, _ => { }));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(1, harness.Server.Statistics.UnsupportedRequests);
    }

    // Goal: responses come in request order while several produces are under way. Method: many requests in one write, over two partitions, with a metadata request between.
    [Fact]
    public async Task Produce_ManyRequestsPipelined_AreAnsweredInOrderWithAscendingOffsets()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync("t", 2);
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        var all = new List<byte>();
        const int Count = 200;
        for (int i = 0; i < Count; i++)
        {
            byte[] batch = TestBatch.Create($"v{i}");
            all.AddRange(i % 50 == 49
                ? RawClient.Frame((short)ApiKey.ApiVersions, 0, i, false, _ => { })
                : RawClient.Frame((short)ApiKey.Produce, 7, i, false, w => ProduceBody(w, "t", i % 2, batch)));
        }
        await client.SendAsync(all.ToArray());
        long[] next = [0, 0];
        for (int i = 0; i < Count; i++)
        {
            byte[]? response = await client.ReceiveAsync();
            Assert.NotNull(response);
            Assert.Equal(i, BinaryPrimitives.ReadInt32BigEndian(response));
            if (i % 50 != 49) Assert.Equal((ErrorCode.None, next[i % 2]++), ReadProduce(response[4..]));
        }
        await KafkaHarness.UntilAsync(() => harness.Server.Statistics.Connections == 1, "the connection is still open");
        Assert.Equal(next.Sum(), harness.Server.Statistics.RecordsIn);
    }

    [Fact]
    public async Task Produce_IdempotentRetry_IsAnsweredWithTheOriginalOffset()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] first = TestBatch.Create(["a", "b"], producerId: 9), second = TestBatch.Create(["c"], producerId: 9, sequence: 2);
        Assert.Equal((ErrorCode.None, 0L), await ProduceAsync(client, "t", first));
        Assert.Equal((ErrorCode.None, 2L), await ProduceAsync(client, "t", second));
        Assert.Equal((ErrorCode.None, 0L), await ProduceAsync(client, "t", first));
        Assert.Equal(ErrorCode.OutOfOrderSequence, (await ProduceAsync(client, "t", TestBatch.Create(["x"], producerId: 9, sequence: 7))).Error);
        Assert.Equal((ErrorCode.None, 3L), await ProduceAsync(client, "t", TestBatch.Create(["d"], producerId: 9, epoch: 1)));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await ProduceAsync(client, "t", TestBatch.Create(["x"], producerId: 9, sequence: 3))).Error);
        Assert.Equal((1L, 2L), (harness.Server.Statistics.DuplicateBatches, harness.Server.Statistics.BatchesRefused));
    }

    [Fact]
    public async Task Produce_WhatIsNotAllowed_HasItsErrorAndStoresNothing()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        Topic topic = await harness.CreateTopicAsync();
        harness.Journal.GetTable("__consumer_offsets");
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] damaged = TestBatch.Create("a");
        damaged[^1] ^= 1;
        Assert.Equal(ErrorCode.CorruptMessage, (await ProduceAsync(client, "t", damaged)).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProduceAsync(client, "no", TestBatch.Create("a"))).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProduceAsync(client, "t", TestBatch.Create("a"), partition: 1)).Error);
        Assert.Equal(ErrorCode.InvalidTopic, (await ProduceAsync(client, "__consumer_offsets", TestBatch.Create("a"))).Error);
        Assert.Equal(ErrorCode.InvalidRequiredAcks, ReadProduce(await client.CallAsync(ApiKey.Produce, 7, false, w => ProduceBody(w, "t", 0, TestBatch.Create("a"), acks: 2))).Error);
        Assert.Equal(0, topic.Partitions[0].LogEndOffset);
    }

    [Fact]
    public async Task Produce_AcksZero_GetsNoResponseAndAnErrorCloses()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        Topic topic = await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        await client.SendAsync(RawClient.Frame((short)ApiKey.Produce, 7, 50, false, w => ProduceBody(w, "t", 0, TestBatch.Create("a"), acks: 0)));
        Assert.NotEmpty(await client.CallAsync(ApiKey.ApiVersions, 0, false, _ => { })); // checks the correlation id: nothing came before it
        Assert.Equal(1, topic.Partitions[0].HighWatermark);
        await client.SendAsync(RawClient.Frame((short)ApiKey.Produce, 7, 51, false, w => ProduceBody(w, "no", 0, TestBatch.Create("a"), acks: 0)));
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Fetch_StoredBatches_AreTheProducersBytesWithOffsetAndEpoch()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        byte[] one = TestBatch.Create("a", "b"), two = TestBatch.Compressed(TestBatch.Create("c"), Log.Records.CompressionCodec.Zstd);
        await ProduceAsync(client, "t", one);
        await ProduceAsync(client, "t", two);
        (ErrorCode error, long end, byte[] records) = ReadFetch(await client.CallAsync(ApiKey.Fetch, 11, false, w => FetchBody(w, "t", 0, 0)));
        Log.Records.RecordBatchHeader.Stamp(one, 0, harness.Journal.Epoch);
        Log.Records.RecordBatchHeader.Stamp(two, 2, harness.Journal.Epoch);
        Assert.Equal((ErrorCode.None, 3L), (error, end));
        Assert.Equal([.. one, .. two], records);
        Assert.Equal(one, ReadFetch(await client.CallAsync(ApiKey.Fetch, 11, false, w => FetchBody(w, "t", 1, 0, partitionMaxBytes: 1))).Records);
        Assert.Equal(ErrorCode.OffsetOutOfRange, ReadFetch(await client.CallAsync(ApiKey.Fetch, 11, false, w => FetchBody(w, "t", 4, 60_000))).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, ReadFetch(await client.CallAsync(ApiKey.Fetch, 11, false, w => FetchBody(w, "no", 0, 60_000))).Error);
    }

    [Fact]
    public async Task Fetch_AtTheEnd_WaitsForTheNextRecordOrItsTime()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using RawClient reader = await RawClient.ConnectAsync(harness.Port), writer = await RawClient.ConnectAsync(harness.Port);
        Assert.Empty(ReadFetch(await reader.CallAsync(ApiKey.Fetch, 11, false, w => FetchBody(w, "t", 0, 20))).Records);
        Task<byte[]> waiting = reader.CallAsync(ApiKey.Fetch, 11, false, w => FetchBody(w, "t", 0, 100_000));
        Assert.False(waiting.IsCompleted);
        await ProduceAsync(writer, "t", TestBatch.Create("a"));
        Assert.NotEmpty(ReadFetch(await waiting).Records);
    }

    [Fact]
    public async Task Fetch_ConnectionClosedWhileWaiting_IsGivenUp()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using (RawClient reader = await RawClient.ConnectAsync(harness.Port))
        {
            await reader.SendAsync(RawClient.Frame((short)ApiKey.Fetch, 11, 1, false, w => FetchBody(w, "t", 0, 200_000)));
            await KafkaHarness.UntilAsync(() => harness.Server.Statistics.Requests == 1, "the fetch has arrived");
        }
        await KafkaHarness.UntilAsync(() => harness.Server.Statistics.Connections == 0, "the connection is gone");
        Assert.Equal(new KafkaOptions().MaxInFlightBytes, harness.Server.Broker.Budget.Free);
    }

    [Fact]
    public async Task Connections_AboveTheBound_AreRefusedAndCounted()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync(new KafkaOptions { MaxConnections = 1 });
        using RawClient first = await RawClient.ConnectAsync(harness.Port);
        await first.CallAsync(ApiKey.ApiVersions, 0, false, _ => { });
        using RawClient second = await RawClient.ConnectAsync(harness.Port);
        Assert.Null(await second.ReceiveAsync());
        Assert.Equal(1, harness.Server.Statistics.ConnectionsRefused);
        Assert.NotEmpty(await first.CallAsync(ApiKey.ApiVersions, 0, false, _ => { }));
    }

    [Fact]
    public async Task Connection_LengthAnnouncedAndNotSent_TakesNoMemoryForItAndTimesOut()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync(new KafkaOptions { TransferTimeout = TimeSpan.FromMilliseconds(200), MaxRequestBytes = 1 << 16 });
        using RawClient client = await RawClient.ConnectAsync(harness.Port);
        await client.SendAsync(new byte[] { 0, 0, 0xff, 0xff, 0, 3 });
        Assert.Null(await client.ReceiveAsync());
        await KafkaHarness.UntilAsync(() => harness.Server.Statistics.Connections == 0, "the connection is gone");
        Assert.Equal(1, harness.Server.Statistics.ConnectionTimeouts);
        Assert.Equal(new KafkaOptions().MaxInFlightBytes, harness.Server.Broker.Budget.Free);
    }

    [Fact]
    public async Task InitProducerId_OverARestart_NeverRepeats()
    {
        string directory = KafkaHarness.CreateDirectory();
        try
        {
            var ids = new HashSet<long>();
            for (int run = 0; run < 3; run++)
            {
                await using KafkaHarness harness = await KafkaHarness.StartAsync(directory: directory);
                using RawClient client = await RawClient.ConnectAsync(harness.Port);
                for (int i = 0; i < 5; i++)
                {
                    byte[] response = await client.CallAsync(ApiKey.InitProducerId, 1, false, w =>
                    {
                        w.WriteNullableString(null);
                        w.WriteInt32(1000);
                    });
                    Assert.Equal(0, BinaryPrimitives.ReadInt16BigEndian(response.AsSpan(4)));
                    Assert.True(ids.Add(BinaryPrimitives.ReadInt64BigEndian(response.AsSpan(6))));
                }
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // Goal: random bytes behind a right header end the connection they came on and nothing else. Method: every API and version, one connection each.
    [Fact]
    public async Task Requests_RandomBodies_EndTheirOwnConnectionOnly()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        await using KafkaHarness harness = await KafkaHarness.StartAsync(new KafkaOptions { AutoCreateTopics = false });
        using RawClient witness = await RawClient.ConnectAsync(harness.Port);
        foreach (Edge.Kafka.Apis.IKafkaApi api in harness.Server.Apis.All)
        {
            for (short version = api.MinVersion; version <= api.MaxVersion; version++)
            {
                byte[] body = new byte[random.Next(60)];
                for (int i = 0; i < body.Length; i++) body[i] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)0;
                using RawClient client = await RawClient.ConnectAsync(harness.Port);
                await client.SendAsync(RawClient.Frame((short)api.Key, version, 1, version >= api.FirstFlexible, w =>
                {
                    body.CopyTo(w.GetSpan(body.Length + 1));
                    w.Advance(body.Length);
                }));
                client.CloseSending();
                await client.ReceiveAsync();
            }
        }
        Assert.True(harness.Server.Statistics.Failures == 0, $"seed {seed}");
        Assert.NotEmpty(await witness.CallAsync(ApiKey.ApiVersions, 0, false, _ => { }));
    }
}
