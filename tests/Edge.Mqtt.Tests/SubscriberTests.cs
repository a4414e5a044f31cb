using Edge.Ingest;
using Edge.Log.Records;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests;

public sealed class SubscriberTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public async Task Deliver_QosIsTheLowerOfBoth(int published, int subscribed)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient subscriber = await RawClient.ConnectAsync(broker.Port, "s");
        await subscriber.SubscribeAsync("a/+", subscribed);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        await publisher.SendAsync(RawClient.Publish("a/b", "hello", published, 5));
        (string topic, string payload, int qos, int id, _) = RawClient.Read(await subscriber.ReceiveAsync());
        Assert.Equal(("a/b", "hello", Math.Min(published, subscribed)), (topic, payload, qos));
        if (qos == 1) await subscriber.SendAsync(RawClient.Ack(0x40, id));
        if (qos != 2) return;
        await subscriber.SendAsync(RawClient.Ack(0x50, id));
        Assert.Equal(RawClient.Ack(0x62, id), await subscriber.ReceiveAsync());
        await subscriber.SendAsync(RawClient.Ack(0x70, id));
    }

    [Fact]
    public async Task Deliver_RecordNotBornInMqtt_ArrivesUnderTopicAndKey()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient subscriber = await RawClient.ConnectAsync(broker.Port, "s");
        await subscriber.SubscribeAsync("#", 1);
        await broker.Ingest.SubmitAsync(new IngestRecord { Topic = "host", Key = "cpu"u8.ToArray(), Value = "1"u8.ToArray() }, default);
        await broker.Ingest.SubmitAsync(new IngestRecord { Topic = "host", Value = "2"u8.ToArray() }, default);
        await broker.Ingest.SubmitAsync(new IngestRecord { Topic = "host", Key = [0xff, 0xfe], Value = "3"u8.ToArray() }, default);
        await broker.Ingest.SubmitAsync(new IngestRecord { Topic = "host", Value = "4"u8.ToArray(), Headers = [new RecordHeader("mqtt.topic", "x/y"u8.ToArray())] }, default);
        List<(string, string)> received = [];
        for (int i = 0; i < 4; i++)
        {
            (string topic, string payload, _, int id, _) = RawClient.Read(await subscriber.ReceiveAsync());
            received.Add((topic, payload));
            await subscriber.SendAsync(RawClient.Ack(0x40, id));
        }
        Assert.Equal([("host/cpu", "1"), ("host", "2"), ("host/__4", "3"), ("x/y", "4")], received);
    }

    [Fact]
    public async Task Subscribe_AfterPublish_GetsOnlyWhatComesLater()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SendAsync(RawClient.Publish("t", "before", 1, 1));
        await client.ReceiveAsync();
        await client.SubscribeAsync("t", 0);
        await client.SendAsync(RawClient.Publish("t", "after", 0));
        Assert.Equal("after", RawClient.Read(await client.ReceiveAsync()).Payload);
    }

    // Goal: a subscriber that does not read costs bounded memory, hurts nobody, and gets every QoS 1 message once it reads.
    [Fact]
    public async Task Deliver_SubscriberDoesNotRead_IsBoundedAndCatchesUp()
    {
        const int count = 5000;
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { MaxInFlightOut = 1000 });
        using RawClient slow = await RawClient.ConnectAsync(broker.Port, "slow", receiveBuffer: 4096);
        await slow.SubscribeAsync("t", 1);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        string filler = new('x', 2000);
        for (int id = 1; id <= count; id++)
        {
            await publisher.SendAsync(RawClient.Publish("t", $"{id}:{filler}", 1, id));
            if (id % 100 == 0)
                for (int i = 0; i < 100; i++) Assert.Equal(0x40, (await publisher.ReceiveAsync())[0]);
        }
        await TestBroker.UntilAsync(() => broker.Statistics.CatchUps > 0, "the slow subscriber falls back to its position");
        HashSet<int> seen = [];
        int last = 0;
        while (seen.Count < count)
        {
            (_, string payload, _, int id, _) = RawClient.Read(await slow.ReceiveAsync());
            int number = int.Parse(payload[..payload.IndexOf(':')]);
            Assert.True(seen.Add(number), $"{number} came twice");
            Assert.True(number > last, $"{number} came after {last}");
            last = number;
            await slow.SendAsync(RawClient.Ack(0x40, id));
        }
        await publisher.SendAsync(RawClient.Publish("t", "live again", 1, 1));
        Assert.Equal("live again", RawClient.Read(await slow.ReceiveAsync()).Payload);
    }

    [Fact]
    public async Task Deliver_Qos0SubscriberDoesNotRead_DropsAreCountedAndMemoryBounded()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient slow = await RawClient.ConnectAsync(broker.Port, "slow", receiveBuffer: 4096);
        await slow.SubscribeAsync("t", 0);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        string filler = new('x', 50_000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int id = 1; id <= 400; id++)
        {
            await publisher.SendAsync(RawClient.Publish("t", filler, 1, id));
            Assert.Equal(0x40, (await publisher.ReceiveAsync())[0]);
        }
        await TestBroker.UntilAsync(() => broker.Statistics.MessagesDropped > 0, "messages for the slow subscriber are dropped");
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 12 << 20, $"20 MB were published, memory grew by {grown} bytes");
    }

    [Fact]
    public async Task Session_ClientAway_GetsQos1MessagesAfterwardsInOrder()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using (RawClient first = await RawClient.ConnectAsync(broker.Port, "s", clean: false)) await first.SubscribeAsync("t/#", 1);
        await TestBroker.UntilAsync(() => broker.Statistics.Connections == 0, "the subscriber is gone");
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        for (int id = 1; id <= 500; id++)
        {
            await publisher.SendAsync(RawClient.Publish("t/x", $"{id}", 1, id));
            await publisher.ReceiveAsync();
        }
        using RawClient again = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        Assert.True(again.SessionPresent);
        for (int expected = 1; expected <= 500; expected++)
        {
            (_, string payload, _, int id, _) = RawClient.Read(await again.ReceiveAsync());
            Assert.Equal($"{expected}", payload);
            await again.SendAsync(RawClient.Ack(0x40, id));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Session_UnacknowledgedMessage_ComesAgainWithDupAndSameId(int qos)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        int firstId;
        using (RawClient first = await RawClient.ConnectAsync(broker.Port, "s", clean: false))
        {
            await first.SubscribeAsync("t", qos);
            await first.SendAsync(RawClient.Publish("t", "x", 0));
            await first.ReceiveAsync();
            using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
            await publisher.SendAsync(RawClient.Publish("t", "again", qos, 1));
            firstId = RawClient.Read(await first.ReceiveAsync()).Id;
        }
        using RawClient second = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        (_, string payload, _, int id, byte header) = RawClient.Read(await second.ReceiveAsync());
        Assert.Equal(("again", firstId, 8), (payload, id, header & 8));
        if (qos == 1) return;
        await second.SendAsync(RawClient.Ack(0x50, id));
        Assert.Equal(RawClient.Ack(0x62, id), await second.ReceiveAsync());
        second.Dispose();
        using RawClient third = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        Assert.Equal(RawClient.Ack(0x62, id), await third.ReceiveAsync());
    }

    [Fact]
    public async Task Session_TakenOver_OldConnectionIsTold()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient first = await RawClient.ConnectAsync(broker.Port, "same", 5);
        using RawClient second = await RawClient.ConnectAsync(broker.Port, "same", 5);
        Assert.Equal([0xe0, 1, 0x8e], await first.ReceiveAsync());
        await second.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await second.ReceiveAsync());
    }

    [Fact]
    public async Task Shared_TwoMembers_EachMessageGoesToOne()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient one = await RawClient.ConnectAsync(broker.Port, "1");
        using RawClient two = await RawClient.ConnectAsync(broker.Port, "2");
        await one.SubscribeAsync("$share/g/t", 0);
        await two.SubscribeAsync("$share/g/t", 0);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        for (int i = 0; i < 10; i++) await publisher.SendAsync(RawClient.Publish("t", $"{i}", 0));
        List<string> all = [];
        for (int i = 0; i < 5; i++) all.AddRange([RawClient.Read(await one.ReceiveAsync()).Payload, RawClient.Read(await two.ReceiveAsync()).Payload]);
        Assert.Equal(10, all.Distinct().Count());
    }

    [Fact]
    public async Task Retained_NewSubscriber_GetsTheLastOneWithTheFlag()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SendAsync([.. RawClient.Publish("r/1", "old", 1, 1, retain: true), .. RawClient.Publish("r/1", "new", 1, 2, retain: true), .. RawClient.Publish("r/2", "gone", 1, 3, retain: true), .. RawClient.Publish("r/2", "", 1, 4, retain: true)]);
        for (int i = 0; i < 4; i++) await client.ReceiveAsync();
        await client.SubscribeAsync("r/#", 0);
        (string topic, string payload, _, _, byte header) = RawClient.Read(await client.ReceiveAsync());
        Assert.Equal(("r/1", "new", 1), (topic, payload, header & 1));
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync());
    }

    [Fact]
    public async Task Retained_BoundReached_RecordIsStoredAndCounted()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { MaxRetained = 2 });
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        for (int id = 1; id <= 3; id++)
        {
            await client.SendAsync(RawClient.Publish($"r/{id}", "x", 1, id, retain: true));
            Assert.Equal(0x40, (await client.ReceiveAsync())[0]);
        }
        Assert.Equal(1, broker.Statistics.RetainedRefused);
    }

    [Fact]
    public async Task Will_ConnectionLost_IsPublished()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient watcher = await RawClient.ConnectAsync(broker.Port, "w");
        await watcher.SubscribeAsync("wills", 1);
        RawClient doomed = await RawClient.ConnectAsync(broker.Port, "d", will: [.. RawClient.Text("wills"), .. RawClient.Text("lost")], flags: 0x0c);
        doomed.Dispose();
        Assert.Equal("lost", RawClient.Read(await watcher.ReceiveAsync()).Payload);
    }

    [Fact]
    public async Task Will_ProperDisconnect_IsNotPublished()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient watcher = await RawClient.ConnectAsync(broker.Port, "w");
        await watcher.SubscribeAsync("#", 1);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "d", will: [.. RawClient.Text("wills"), .. RawClient.Text("lost")], flags: 0x0c);
        await client.SendAsync(0xe0, 0);
        Assert.Empty(await client.ReceiveAsync());
        await watcher.SendAsync(RawClient.Publish("other", "x", 0));
        Assert.Equal("other", RawClient.Read(await watcher.ReceiveAsync()).Topic);
        Assert.Equal(0, broker.Statistics.WillsPublished);
    }

    [Fact]
    public async Task NoLocal_OwnMessage_DoesNotComeBack()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(RawClient.Subscribe("t", 4, version: 5));
        await client.ReceiveAsync();
        using RawClient other = await RawClient.ConnectAsync(broker.Port, "o", 5);
        await client.SendAsync(RawClient.Publish("t", "mine", 1, 1, version: 5));
        Assert.Equal(0x40, (await client.ReceiveAsync())[0]);
        await other.SendAsync(RawClient.Publish("t", "theirs", 0, version: 5));
        Assert.Equal("theirs", RawClient.Read(await client.ReceiveAsync(), 5).Payload);
    }

    [Fact]
    public async Task SubscriptionIdentifier_ComesWithTheMessage()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SubscribeAsync("t", 0, 5, [0x0b, 42]);
        await client.SendAsync(RawClient.Publish("t", "x", 0, version: 5));
        Assert.Equal(RawClient.Publish("t", "x", 0, version: 5, properties: [0x0b, 42]), await client.ReceiveAsync());
    }

    [Fact]
    public async Task Fanout_HundredSubscribers_AllGetEverything()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        RawClient[] subscribers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            RawClient client = await RawClient.ConnectAsync(broker.Port, $"s{i}");
            await client.SubscribeAsync("t", 0);
            return client;
        }));
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        for (int i = 0; i < 50; i++) await publisher.SendAsync(RawClient.Publish("t", $"{i}", 1, i + 1));
        await Task.WhenAll(subscribers.Select(async client =>
        {
            for (int i = 0; i < 50; i++) Assert.Equal($"{i}", RawClient.Read(await client.ReceiveAsync()).Payload);
            client.Dispose();
        }));
    }
}
