using System.Text;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests;

public sealed class PublishTests
{
    private static List<(string Topic, string Key, string Value, Dictionary<string, string> Headers)> Stored(TestBroker broker)
    {
        List<(string, string, string, Dictionary<string, string>)> found = [];
        using JournalReader reader = broker.Journal.OpenReader(0);
        while (reader.TryRead(out JournalEntry entry))
        {
            foreach (RecordView record in RecordEnumerator.OverBatch(entry.Batch.Span))
            {
                Dictionary<string, string> headers = [];
                foreach (RecordHeaderView header in record.Headers) headers[Encoding.UTF8.GetString(header.Name)] = Encoding.UTF8.GetString(header.Value);
                found.Add((entry.Partition.Topic.Name, Encoding.UTF8.GetString(record.Key), Encoding.UTF8.GetString(record.Value), headers));
            }
        }
        return found;
    }

    [Fact]
    public async Task Publish_Qos1_IsAcknowledgedAndStored()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c1");
        await client.SendAsync(RawClient.Publish("sensors/a", "21.5", 1, 7));
        Assert.Equal(RawClient.Ack(0x40, 7), await client.ReceiveAsync());
        (string topic, string key, string value, Dictionary<string, string> headers) = Assert.Single(Stored(broker));
        Assert.Equal(("telemetry", "sensors/a", "21.5"), (topic, key, value));
        Assert.Equal(new Dictionary<string, string> { ["mqtt.qos"] = "1", ["mqtt.client"] = "c1" }, headers);
    }

    [Fact]
    public async Task Publish_Version5Properties_BecomeHeaders()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c5", version: 5);
        byte[] properties =
        [
            0x01, 1, 0x02, 0, 0, 0, 60, 0x03, .. RawClient.Text("text/plain"), 0x08, .. RawClient.Text("answer/here"), 0x09, .. RawClient.Text("id-1"),
            0x26, .. RawClient.Text("unit"), .. RawClient.Text("C"),
        ];
        await client.SendAsync(RawClient.Publish("a", "x", 1, 1, retain: true, version: 5, properties: properties));
        byte[] ack = await client.ReceiveAsync();
        Assert.Equal(0x40, ack[0]);
        Dictionary<string, string> headers = Assert.Single(Stored(broker)).Headers;
        Assert.Equal("1", headers["mqtt.format"]);
        Assert.Equal("text/plain", headers["content-type"]);
        Assert.Equal("answer/here", headers["mqtt.response-topic"]);
        Assert.Equal("id-1", headers["mqtt.correlation"]);
        Assert.Equal("C", headers["mqtt.prop.unit"]);
        Assert.Equal("1", headers["mqtt.retained"]);
        Assert.InRange(long.Parse(headers["mqtt.expiry"]) - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 30_000, 60_000);
    }

    [Fact]
    public async Task Publish_RouteWithOtherKey_KeepsMqttTopicInHeader()
    {
        await using TestBroker broker = await TestBroker.StartAsync(routes: [new() { Filter = "s/+/t", Topic = "temperature", Key = "{1}" }]);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SendAsync(RawClient.Publish("s/kitchen/t", "1", 1, 1));
        Assert.Equal(RawClient.Ack(0x40, 1), await client.ReceiveAsync());
        (string topic, string key, _, Dictionary<string, string> headers) = Assert.Single(Stored(broker));
        Assert.Equal(("temperature", "kitchen", "s/kitchen/t"), (topic, key, headers["mqtt.topic"]));
    }

    // Goal: acknowledgements come in the order of the publishes, however they are cut and mixed over topics. Method: one write of 2 000 packets.
    [Fact]
    public async Task Publish_Pipelined_AcksInOrder()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "pipeline");
        List<byte> all = [];
        for (int id = 1; id <= 2000; id++) all.AddRange(RawClient.Publish($"t/{id % 17}", $"m{id}", id % 3 == 0 ? 2 : 1, id));
        Task sending = client.SendAsync([.. all]);
        for (int id = 1; id <= 2000; id++) Assert.Equal(RawClient.Ack((byte)(id % 3 == 0 ? 0x50 : 0x40), id), await client.ReceiveAsync());
        await sending;
        Assert.Equal(2000, Stored(broker).Count);
    }

    // Goal: no acknowledgement before its commit. Method: the disk's sync is held back; nothing may come, and everything must once it is let go.
    [Theory]
    [InlineData(1, 0x40)]
    [InlineData(2, 0x50)]
    public async Task Publish_SyncHeldBack_AckComesOnlyAfterIt(int qos, byte ack)
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(wrapDisk: inner => disk = new HeldDisk(inner));
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SendAsync(RawClient.Publish("t", "first: makes the topic", qos, 1));
        Assert.Equal(RawClient.Ack(ack, 1), await client.ReceiveAsync());
        disk!.Hold();
        await client.SendAsync(RawClient.Publish("t", "x", qos, 2));
        await TestBroker.UntilAsync(() => disk.Waiting > 0, "the commit reaches the sync");
        await client.SendAsync(RawClient.Publish("t", "y", qos, 3));
        Assert.False(await client.HasAnythingAsync(0.3));
        disk.LetGo();
        Assert.Equal(RawClient.Ack(ack, 2), await client.ReceiveAsync());
        Assert.Equal(RawClient.Ack(ack, 3), await client.ReceiveAsync());
        disk.Dispose();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Publish_SyncsFail_NoSuccessIsEverSent(int version)
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(wrapDisk: inner => disk = new HeldDisk(inner));
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", version);
        await client.SendAsync(RawClient.Publish("t", "first", 1, 1, version: version));
        Assert.Equal(0x40, (await client.ReceiveAsync())[0]);
        disk!.FailSyncs = true;
        await client.SendAsync(RawClient.Publish("t", "x", 1, 2, version: version));
        byte[] answer = await client.ReceiveAsync();
        if (version == 4) Assert.Empty(answer);
        else Assert.Equal([0x40, 3, 0, 2, 0x80], answer);
        disk.FailSyncs = false;
        disk.Dispose();
    }

    [Fact]
    public async Task Publish_Qos2SentTwice_IsStoredOnce()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using (RawClient client = await RawClient.ConnectAsync(broker.Port, "q2", clean: false))
        {
            await client.SendAsync(RawClient.Publish("t", "once", 2, 9));
            Assert.Equal(RawClient.Ack(0x50, 9), await client.ReceiveAsync());
        }
        using RawClient again = await RawClient.ConnectAsync(broker.Port, "q2", clean: false);
        Assert.True(again.SessionPresent);
        await again.SendAsync(RawClient.Publish("t", "once", 2, 9, dup: true));
        Assert.Equal(RawClient.Ack(0x50, 9), await again.ReceiveAsync());
        await again.SendAsync(RawClient.Ack(0x62, 9));
        Assert.Equal(RawClient.Ack(0x70, 9), await again.ReceiveAsync());
        Assert.Single(Stored(broker));
        await again.SendAsync(RawClient.Publish("t", "twice", 2, 9));
        Assert.Equal(RawClient.Ack(0x50, 9), await again.ReceiveAsync());
        Assert.Equal(2, Stored(broker).Count);
        Assert.Equal(1, broker.Statistics.Duplicates);
    }

    [Fact]
    public async Task Publish_MoreThanReceiveMaximum_IsDisconnected()
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { ReceiveMaximum = 10 }, inner => disk = new HeldDisk(inner));
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(RawClient.Publish("t", "first", 1, 1, version: 5));
        await client.ReceiveAsync();
        disk!.Hold();
        for (int id = 2; id < 14; id++) await client.SendAsync(RawClient.Publish("t", "x", 1, id, version: 5));
        Assert.Equal([0xe0, 1, 0x93], await client.ReceiveAsync());
        disk.LetGo();
        disk.Dispose();
    }

    // Goal: a 3.1.1 client with more under way than the bound is read no further, and loses nothing.
    [Fact]
    public async Task Publish_Version311BeyondWindow_IsHeldBackNotClosed()
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { ReceiveMaximum = 10 }, inner => disk = new HeldDisk(inner));
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SendAsync(RawClient.Publish("t", "first", 1, 1));
        await client.ReceiveAsync();
        disk!.Hold();
        for (int id = 2; id <= 100; id++) await client.SendAsync(RawClient.Publish("t", "x", 1, id));
        await TestBroker.UntilAsync(() => disk.Waiting > 0, "the commit reaches the sync");
        Assert.False(await client.HasAnythingAsync(0.2));
        Assert.InRange(broker.Statistics.MessagesReceived, 1, 11);
        disk.LetGo();
        for (int id = 2; id <= 100; id++) Assert.Equal(RawClient.Ack(0x40, id), await client.ReceiveAsync());
        disk.Dispose();
    }

    [Fact]
    public async Task Publish_TopicAlias_StandsForItsTopic()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync([.. RawClient.Publish("long/topic", "1", 1, 1, version: 5, properties: [0x23, 0, 3]), .. RawClient.Publish("", "2", 1, 2, version: 5, properties: [0x23, 0, 3])]);
        await client.ReceiveAsync();
        await client.ReceiveAsync();
        Assert.All(Stored(broker), record => Assert.Equal("long/topic", record.Key));
        await client.SendAsync(RawClient.Publish("", "3", 1, 3, version: 5, properties: [0x23, 0, 17]));
        Assert.Equal([0xe0, 1, 0x94], await client.ReceiveAsync());
    }

    [Fact]
    public async Task Publish_LargePayload_SurvivesWhole()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        string payload = string.Concat(Enumerable.Range(0, 80_000).Select(i => i.ToString("D10")));
        await client.SendAsync(RawClient.Publish("big", payload, 1, 1));
        Assert.Equal(RawClient.Ack(0x40, 1), await client.ReceiveAsync());
        Assert.Equal(payload, Assert.Single(Stored(broker)).Value);
    }
}
