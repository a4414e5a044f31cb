using Edge.Mqtt.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Mqtt.Tests;

public sealed class LimitTests
{
    [Fact]
    public async Task Connect_TooManyConnections_IsRefusedPolitely()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { MaxConnections = 2 });
        using RawClient one = await RawClient.ConnectAsync(broker.Port, "1");
        using RawClient two = await RawClient.ConnectAsync(broker.Port, "2");
        using RawClient old = await RawClient.OpenAsync(broker.Port);
        await old.SendAsync(RawClient.Connect("3"));
        Assert.Equal([0x20, 2, 0, 3], await old.ReceiveAsync());
        Assert.Empty(await old.ReceiveAsync());
        using RawClient five = await RawClient.OpenAsync(broker.Port);
        await five.SendAsync(RawClient.Connect("4", 5));
        Assert.Equal([0x20, 3, 0, 0x97, 0], await five.ReceiveAsync());
        await one.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await one.ReceiveAsync());
    }

    [Fact]
    public async Task Connect_HugeLength_IsClosedAtOnce()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.OpenAsync(broker.Port);
        await client.SendAsync(0x10, 0xff, 0xff, 0xff, 0x7f);
        Assert.Empty(await client.ReceiveAsync());
    }

    // Goal: what is no MQTT does not hold a connection for the time a CONNECT may take. Method: only the broker's close ends the wait; the clock stands still.
    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("\u007f")]
    public async Task Connect_FirstByteIsNoConnect_IsClosedAtOnceAndCounted(string bytes)
    {
        await using TestBroker broker = await TestBroker.StartAsync(timeProvider: new FakeTimeProvider(DateTimeOffset.UtcNow));
        using RawClient client = await RawClient.OpenAsync(broker.Port);
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(bytes));
        Assert.Empty(await client.ReceiveAsync());
        using RawClient noise = await RawClient.OpenAsync(broker.Port);
        await noise.SendAsync(0xff, 0xff, 0xff, 0xff);
        Assert.Empty(await noise.ReceiveAsync());
        Assert.Equal(2, broker.Statistics.Garbage);
    }

    [Fact]
    public async Task Publish_LargerThanAllowed_IsDisconnectedWithReason()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { MaxPacketBytes = 2048 });
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(0x30, 0xff, 0x7f);
        Assert.Equal([0xe0, 1, 0x95], await client.ReceiveAsync());
        Assert.Empty(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Topic_TooDeepOrTooLong_IsDisconnectedWithReason()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        foreach (string topic in new[] { string.Join('/', Enumerable.Repeat("a", 33)), new string('a', 1025) })
        {
            using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
            await client.SendAsync(RawClient.Publish(topic, "x", 1, 1, version: 5));
            Assert.Equal([0xe0, 1, 0x90], await client.ReceiveAsync());
        }
    }

    [Fact]
    public async Task Subscribe_TooMany_IsRefusedPerFilter()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { MaxSubscriptions = 1 });
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SubscribeAsync("a", 0, 5);
        await client.SendAsync(RawClient.Subscribe("b", 0, 2, 5));
        Assert.Equal([0x90, 4, 0, 2, 0, 0x97], await client.ReceiveAsync());
    }

    // Goal: time-outs follow the monotonic clock. Method: a clock that only the test moves.
    [Fact]
    public async Task KeepAlive_NothingSentForHalfAgainAsLong_IsClosed()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using TestBroker broker = await TestBroker.StartAsync(timeProvider: clock);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5, keepAlive: 10);
        using RawClient silent = await RawClient.OpenAsync(broker.Port);
        clock.Advance(TimeSpan.FromSeconds(9));
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync());
        clock.Advance(TimeSpan.FromSeconds(14));
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync());
        clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal([0xe0, 1, 0x8d], await client.ReceiveAsync());
        await TestBroker.UntilAsync(() => broker.Statistics.ConnectTimeouts == 1, "the connection without a CONNECT is given up");
        Assert.Equal(1, broker.Statistics.KeepAliveTimeouts);
    }

    // Goal: a disk that stalls longer than the keep-alive costs no client its connection. Method: the sync held back, the window full, the clock moved on.
    [Fact]
    public async Task KeepAlive_BrokerHoldsTheClientBack_IsNotClosed()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { ReceiveMaximum = 2 }, inner => disk = new HeldDisk(inner), timeProvider: clock);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", keepAlive: 10);
        await client.SendAsync(RawClient.Publish("t", "first", 1, 1));
        Assert.Equal(RawClient.Ack(0x40, 1), await client.ReceiveAsync());
        disk!.Hold();
        for (int id = 2; id <= 6; id++) await client.SendAsync(RawClient.Publish("t", "x", 1, id));
        await TestBroker.UntilAsync(() => disk.Waiting > 0 && broker.Broker.OpenConnections.Single().IsHeldBack, "the window is full");
        for (int i = 0; i < 60; i++) clock.Advance(TimeSpan.FromSeconds(1));
        disk.LetGo();
        for (int id = 2; id <= 6; id++) Assert.Equal(RawClient.Ack(0x40, id), await client.ReceiveAsync());
        Assert.Equal(0, broker.Statistics.KeepAliveTimeouts);
        disk.Dispose();
    }

    // Goal: garbage from one client disturbs no other. Method: random bytes on many connections from a printed seed, beside a client that pings.
    [Fact]
    public async Task Garbage_OnOtherConnections_DisturbsNobody()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient honest = await RawClient.ConnectAsync(broker.Port, "honest");
        for (int i = 0; i < 200; i++)
        {
            using RawClient client = random.Next(2) == 0 ? await RawClient.OpenAsync(broker.Port) : await RawClient.ConnectAsync(broker.Port, "g", random.Next(4, 6));
            byte[] garbage = new byte[random.Next(1, 200)];
            random.NextBytes(garbage);
            try { await client.SendAsync(garbage); }
            catch (IOException) { }
            await honest.SendAsync(RawClient.Publish("t", "x", 1, i + 1));
            byte[] answer = await honest.ReceiveAsync();
            Assert.True(answer.SequenceEqual(RawClient.Ack(0x40, i + 1)), $"seed {seed}, round {i}");
        }
        await TestBroker.UntilAsync(() => broker.Statistics.Connections == 1, "only the honest client is left");
    }

    [Fact]
    public void Validate_EveryWrongValue_IsReportedAtOnce()
    {
        MqttOptions options = new() { Port = 70_000, MaxPacketBytes = 1, BindAddress = "0.0.0.0", ReceiveMaximum = 0 };
        string[] problems = [.. options.Validate()];
        Assert.Equal(4, problems.Length);
        Assert.Contains(problems, problem => problem.Contains("Mqtt:Port is 70000", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("UnsafePlaintext", StringComparison.Ordinal));
        Assert.Empty(new MqttOptions().Validate());
    }
}
