using System.Text;
using Edge.Mqtt.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Mqtt.Tests.Conformance;

/// <summary>What subscribers get, of MQTT 5. docs/mqtt-conformance.md says which statement each test is for.</summary>
public sealed class DeliveryTests
{
    private static byte[] Properties(byte[] publish, int topicBytes)
    {
        int at = 2 + 2 + topicBytes + ((publish[0] & 6) != 0 ? 2 : 0);
        return publish[(at + 1)..(at + 1 + publish[at])];
    }

    private static async Task SubscribeAsync(RawClient client, string filter, byte options, byte[]? properties = null)
    {
        byte[] packet = RawClient.Subscribe(filter, 0, 7, 5, properties);
        packet[^1] = options;
        await client.SendAsync(packet);
        byte[] answer = await client.ReceiveAsync();
        Assert.Equal((0x90, options & 3), (answer[0], answer[^1]));
    }

    private static async Task PublishAsync(RawClient publisher, string topic, string payload, bool retain = false, byte[]? properties = null)
    {
        await publisher.SendAsync(RawClient.Publish(topic, payload, 1, 1, retain, version: 5, properties: properties));
        Assert.Equal(0x40, (await publisher.ReceiveAsync())[0]);
    }

    // Goal: what belongs to the message arrives unaltered and in order; what does not (the publisher's alias) does not.
    [Fact]
    public async Task Properties_OfTheMessage_ArriveUnaltered()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient subscriber = await RawClient.ConnectAsync(broker.Port, "s", 5);
        await SubscribeAsync(subscriber, "t", 0);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
        byte[] user = [0x26, .. RawClient.Text("b"), .. RawClient.Text("1"), 0x26, .. RawClient.Text("a"), .. RawClient.Text("2"), 0x26, .. RawClient.Text("b"), .. RawClient.Text("3")];
        await PublishAsync(publisher, "t", "x", properties: [0x23, 0, 1, 0x01, 1, 0x03, .. RawClient.Text("text/plain"), 0x08, .. RawClient.Text("answer/to"), 0x09, 0, 3, 0, 1, 255, .. user]);
        byte[] got = Properties(await subscriber.ReceiveAsync(), 1);
        string hex = Convert.ToHexString(got);
        Assert.Contains("0101", hex);
        Assert.Contains(Convert.ToHexString([0x03, .. RawClient.Text("text/plain")]), hex);
        Assert.Contains(Convert.ToHexString([0x08, .. RawClient.Text("answer/to")]), hex);
        Assert.Contains("090003" + "0001FF", hex);
        Assert.Contains(Convert.ToHexString(user), hex);
        Assert.Equal(5 - 3 + 13 + 12 + 6 + user.Length, got.Length); // and nothing else
    }

    [Fact]
    public async Task MessageExpiry_IsCountedDownAndEndsTheMessage()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using TestBroker broker = await TestBroker.StartAsync(timeProvider: clock);
        using (RawClient gone = await RawClient.ConnectAsync(broker.Port, "s", 5, properties: [0x11, 0, 0, 255, 0])) await SubscribeAsync(gone, "t", 1);
        await TestBroker.UntilAsync(() => broker.Statistics.Connections == 0, "it is gone");
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
        await PublishAsync(publisher, "t", "short", properties: [0x02, 0, 0, 0, 10]);
        await PublishAsync(publisher, "t", "long", properties: [0x02, 0, 0, 0, 100]);
        clock.Advance(TimeSpan.FromSeconds(30));
        using RawClient back = await RawClient.ConnectAsync(broker.Port, "s", 5, clean: false, properties: [0x11, 0, 0, 255, 0]);
        byte[] packet = await back.ReceiveAsync();
        Assert.Equal("long", RawClient.Read(packet, 5).Payload);
        Assert.Equal([0x02, 0, 0, 0, 70], Properties(packet, 1));
        Assert.Equal(1, broker.Statistics.Expired);
    }

    [Fact]
    public async Task RetainHandling_AllThree()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
        await PublishAsync(publisher, "t", "kept", retain: true);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "s", 5);
        await SubscribeAsync(client, "t", 0x20);
        await SubscribeAsync(client, "t", 0x10);
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync()); // 2: never; 1: the subscription is not new
        await SubscribeAsync(client, "t", 0);
        Assert.Equal("kept", RawClient.Read(await client.ReceiveAsync(), 5).Payload);
        await SubscribeAsync(client, "+", 0x10);
        Assert.Equal("kept", RawClient.Read(await client.ReceiveAsync(), 5).Payload); // 1 and new
    }

    [Fact]
    public async Task RetainAsPublished_KeepsTheFlag()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient with = await RawClient.ConnectAsync(broker.Port, "with", 5);
        await SubscribeAsync(with, "t", 8);
        using RawClient without = await RawClient.ConnectAsync(broker.Port, "without", 5);
        await SubscribeAsync(without, "t", 0);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
        await PublishAsync(publisher, "t", "x", retain: true);
        Assert.Equal(1, (await with.ReceiveAsync())[0] & 1);
        Assert.Equal(0, (await without.ReceiveAsync())[0] & 1);
    }

    [Fact]
    public async Task OverlappingSubscriptions_OneCopyHighestQosAllIdentifiers()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "s", 5);
        await SubscribeAsync(client, "a/+", 0, [0x0b, 3]);
        await SubscribeAsync(client, "a/#", 1, [0x0b, 9]);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
        await PublishAsync(publisher, "a/b", "x");
        byte[] packet = await client.ReceiveAsync();
        Assert.Equal(2, packet[0] & 6);
        byte[] properties = Properties(packet, 3);
        Assert.Equal([0x0b, 3, 0x0b, 9], properties.Order().SequenceEqual(new byte[] { 3, 9, 0x0b, 0x0b }) ? [0x0b, 3, 0x0b, 9] : properties);
        await client.SendAsync(RawClient.Ack(0x40, RawClient.Read(packet, 5).Id));
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync());
    }

    // Goal: never more under way than the client takes, and other packets are answered meanwhile.
    [Fact]
    public async Task ReceiveMaximum_OfTheClient_IsKept()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "s", 5, properties: [0x21, 0, 2]);
        await SubscribeAsync(client, "t", 1);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
        for (int i = 0; i < 5; i++) await PublishAsync(publisher, "t", $"{i}");
        int first = RawClient.Read(await client.ReceiveAsync(), 5).Id;
        int second = RawClient.Read(await client.ReceiveAsync(), 5).Id;
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync());
        await client.SendAsync([.. RawClient.Ack(0x40, first), .. RawClient.Ack(0x40, second)]);
        for (int i = 2; i < 5; i++)
        {
            (_, string payload, _, int id, _) = RawClient.Read(await client.ReceiveAsync(), 5);
            Assert.Equal($"{i}", payload);
            await client.SendAsync(RawClient.Ack(0x40, id));
        }
    }

    [Fact]
    public async Task TopicAlias_OfTheClient_IsUsedWithinItsMaximum()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "s", 5, properties: [0x22, 0, 1]);
        await SubscribeAsync(client, "#", 0);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
        foreach (string topic in new[] { "long/one", "long/one", "long/two", "long/one" }) await PublishAsync(publisher, topic, "x");
        Assert.Equal("300F 0008 6C6F6E672F6F6E65 03 230001 78".Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(await client.ReceiveAsync()));
        Assert.Equal("30070000" + "03" + "230001" + "78", Convert.ToHexString(await client.ReceiveAsync()));
        Assert.Equal("300C0008" + Convert.ToHexString(Encoding.ASCII.GetBytes("long/two")) + "0078", Convert.ToHexString(await client.ReceiveAsync()));
        Assert.Equal("30070000" + "03" + "230001" + "78", Convert.ToHexString(await client.ReceiveAsync()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public async Task TopicAlias_OutsideTheMaximum_IsDisconnected(int alias)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(RawClient.Publish("t", "x", 1, 1, version: 5, properties: [0x23, 0, (byte)alias]));
        Assert.Equal([0xe0, 1, 0x94], await client.ReceiveAsync());
    }

    [Fact]
    public async Task Share_WithNoLocal_IsAProtocolError()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        byte[] packet = RawClient.Subscribe("$share/g/t", 0, 7, 5);
        packet[^1] = 4;
        await client.SendAsync(packet);
        Assert.Equal([0xe0, 1, 0x82], await client.ReceiveAsync());
    }

    // Goal: a message the subscriber refuses is not sent again.
    [Fact]
    public async Task PubRec_WithError_EndsTheMessage()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using (RawClient client = await RawClient.ConnectAsync(broker.Port, "s", 5, properties: [0x11, 0, 0, 255, 0]))
        {
            await SubscribeAsync(client, "t", 2);
            using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p", 5);
            await publisher.SendAsync(RawClient.Publish("t", "x", 2, 1, version: 5));
            await publisher.ReceiveAsync();
            int id = RawClient.Read(await client.ReceiveAsync(), 5).Id;
            await client.SendAsync(0x50, 3, 0, (byte)id, 0x97);
            await client.SendAsync(0xc0, 0);
            Assert.Equal([0xd0, 0], await client.ReceiveAsync());
        }
        using RawClient back = await RawClient.ConnectAsync(broker.Port, "s", 5, clean: false, properties: [0x11, 0, 0, 255, 0]);
        await back.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await back.ReceiveAsync());
    }

    [Fact]
    public async Task Unsubscribe_AnswersEachFilterInOrder()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await SubscribeAsync(client, "a", 0);
        await client.SendAsync(RawClient.Packet(0xa2, [0, 5, 0, .. RawClient.Text("x"), .. RawClient.Text("a"), .. RawClient.Text("A")]));
        Assert.Equal([0xb0, 6, 0, 5, 0, 0x11, 0, 0x11], await client.ReceiveAsync());
    }

    // Goal: a byte order mark in a topic stays, and names are not normalized.
    [Fact]
    public async Task Topic_ByteOrderMarkAndSlashes_ArePassedOn()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SubscribeAsync("#", 0);
        foreach (string topic in new[] { "\ufeffa", "/a//b/", "A", "\u00e4", "a\u0308" })
        {
            await client.SendAsync(RawClient.Publish(topic, "x"));
            Assert.Equal(topic, RawClient.Read(await client.ReceiveAsync()).Topic);
        }
    }

    [Fact]
    public async Task SystemTopics_AreTheBrokersAlone()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SubscribeAsync("$SYS/broker/clients/connected", 0, 5);
        Assert.Equal("1", RawClient.Read(await client.ReceiveAsync(), 5).Payload);
        await client.SubscribeAsync("$SYS/broker/session/overrun", 0, 5);
        Assert.Equal("0", RawClient.Read(await client.ReceiveAsync(), 5).Payload);
        await client.SendAsync(RawClient.Publish("$SYS/broker/clients/connected", "9", 1, 1, version: 5));
        Assert.Equal([0x40, 3, 0, 1, 0x87], await client.ReceiveAsync());
    }
}
