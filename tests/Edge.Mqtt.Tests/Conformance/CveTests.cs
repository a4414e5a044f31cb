using Edge.Mqtt.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Mqtt.Tests.Conformance;

/// <summary>What other brokers got wrong, each by its number. The ones about rights are in Security, about WebSockets in the host's tests.</summary>
public sealed class CveTests
{
    // CVE-2017-7651 and CVE-2023-0809: memory was taken from the remaining length before authentication.
    [Fact]
    public async Task Cve20177651_Cve20230809_HugeConnect_CostsNoMemory()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        List<RawClient> clients = [];
        for (int i = 0; i < 20; i++)
        {
            RawClient client = await RawClient.OpenAsync(broker.Port);
            clients.Add(client);
            await client.SendAsync(0x10, 0xff, 0xff, 0xff, 0x7f);
        }
        foreach (RawClient client in clients)
        {
            Assert.Empty(await client.ReceiveAsync());
            client.Dispose();
        }
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 4 << 20);
    }

    // CVE-2017-7653: text that is no UTF-8 was relayed to subscribers.
    [Theory]
    [InlineData("3005 0003 C32861")]   // broken sequence
    [InlineData("3005 0003 EDA080")]   // surrogate
    [InlineData("3005 0003 610062")]   // U+0000
    public async Task Cve20177653_TopicIsNoUtf8_IsNotRelayed(string hex)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient watcher = await RawClient.ConnectAsync(broker.Port, "w");
        await watcher.SubscribeAsync("#", 0);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Empty(await client.ReceiveAsync());
        Assert.False(await watcher.HasAnythingAsync(0.1));
    }

    // CVE-2018-12543: a publish to a topic that begins with $ ended the broker. CVE-2021-34432: so did a topic of length 0.
    [Theory]
    [InlineData("$")]
    [InlineData("$SYS")]
    [InlineData("$x/y")]
    [InlineData("")]
    public async Task Cve201812543_Cve202134432_OddTopics_DisturbNobody(string topic)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient honest = await RawClient.ConnectAsync(broker.Port, "h");
        foreach (int qos in new[] { 0, 1, 2 })
        {
            using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
            await client.SendAsync(RawClient.Publish(topic, "x", qos, 1));
            await honest.SendAsync(RawClient.Publish("t", "x", 1, 1));
            Assert.Equal(RawClient.Ack(0x40, 1), await honest.ReceiveAsync());
        }
    }

    // CVE-2020-13849: keep-alive 0 or 65535 held connections of a flood for ever.
    [Fact]
    public async Task Cve202013849_KeepAliveZero_ConnectIsStillDueAndMqtt5IsBounded()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using TestBroker broker = await TestBroker.StartAsync(timeProvider: clock);
        using RawClient half = await RawClient.OpenAsync(broker.Port);
        await half.SendAsync(RawClient.Connect("half", keepAlive: 0)[..9]);
        using RawClient five = await RawClient.ConnectAsync(broker.Port, "five", 5, keepAlive: 0);
        for (int i = 0; i < 12; i++) clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await half.ReceiveAsync());
        for (int i = 0; i < 470; i++) clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0xe0, 1, 0x8d], await five.ReceiveAsync());
    }

    // CVE-2021-28166: a CONNACK from a client ended the broker.
    [Theory]
    [InlineData(new byte[] { 0x20, 2, 0, 0 })]
    [InlineData(new byte[] { 0x90, 3, 0, 1, 0 })]
    [InlineData(new byte[] { 0xb0, 2, 0, 1 })]
    [InlineData(new byte[] { 0xd0, 0 })]
    public async Task Cve202128166_PacketOfAServer_IsAProtocolError(byte[] packet)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(packet);
        Assert.Equal([0xe0, 1, 0x82], await client.ReceiveAsync());
    }

    // CVE-2023-28366: QoS 2 ids that are never released grew without a bound.
    [Fact]
    public async Task Cve202328366_NeverReleasedIds_AreBounded()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { ReceiveMaximum = 50 });
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        for (int id = 1; id <= 51; id++) await client.SendAsync(RawClient.Publish("t", "x", 2, id, version: 5));
        byte[] answer;
        while ((answer = await client.ReceiveAsync())[0] == 0x50) { }
        Assert.Equal([0xe0, 1, 0x93], answer);
    }

    // CVE-2023-3592: properties of a will leaked memory when the CONNECT was refused.
    [Fact]
    public async Task Cve20233592_WillWithProperties_ConnectRefused_KeepsNothing()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        byte[] big = new byte[6000];
        Array.Fill(big, (byte)'x');
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 100; i++)
        {
            byte[] properties = [0x26, 0, 1, (byte)'a', (byte)(big.Length >> 8), (byte)(big.Length & 0xff), .. big];
            byte[] will = [(byte)((properties.Length & 0x7f) | 0x80), (byte)(properties.Length >> 7), .. properties, .. RawClient.Text("#"), .. RawClient.Text("w")];
            using RawClient client = await RawClient.OpenAsync(broker.Port);
            await client.SendAsync(RawClient.Connect("c", 5, will: will, flags: 4));
            byte[] answer = await client.ReceiveAsync();
            Assert.True(answer.Length == 0 || answer[3] >= 0x80);
        }
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 4 << 20);
        Assert.Equal(0, broker.Broker.Store.Table.Count);
    }

    // CVE-2021-22116, CVE-2021-33175, CVE-2021-33176: one crafted message took all memory.
    [Fact]
    public async Task Cve202122116_PropertyLengthsThatLie_AreMalformed()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        foreach (string hex in new[] { "1014 0004 4D515454 05 02 003C FFFFFF7F 000163", "1014 0004 4D515454 05 02 003C 07 26FFFF FFFFFFFF 0001", "100F 0004 4D515454 05 02 003C 80808001" })
        {
            byte[] packet = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
            packet[1] = (byte)(packet.Length - 2);
            using RawClient client = await RawClient.OpenAsync(broker.Port);
            await client.SendAsync(packet);
            byte[] answer = await client.ReceiveAsync();
            Assert.True(answer.Length == 0 || answer[3] >= 0x80, hex);
        }
    }

    // CVE-2026-21888: a variable byte integer of five bytes was read.
    [Fact]
    public async Task Cve202621888_LengthOfFiveBytes_IsClosed()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(0x30, 0x80, 0x80, 0x80, 0x80, 0x01);
        Assert.Empty(await client.ReceiveAsync());
    }

    // CVE-2026-42209: retained messages with odd expiry divided by zero.
    [Fact]
    public async Task Cve202642209_RetainedWithExpiryZero_IsNotDelivered()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(RawClient.Publish("t", "x", 1, 1, retain: true, version: 5, properties: [0x02, 0, 0, 0, 0]));
        Assert.Equal(0x40, (await client.ReceiveAsync())[0]);
        await client.SubscribeAsync("t", 0, 5);
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync());
    }
}
