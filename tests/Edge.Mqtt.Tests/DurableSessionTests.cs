using Edge.Mqtt.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Mqtt.Tests;

/// <summary>What of a session outlives the broker: a clean stop, and a crash (a second broker on a copy of the files).</summary>
public sealed class DurableSessionTests
{
    private static async Task PublishAsync(TestBroker broker, string topic, string payload, int qos = 1, bool retain = false)
    {
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "publisher");
        await publisher.SendAsync(RawClient.Publish(topic, payload, qos, 1, retain));
        Assert.Equal(qos == 1 ? 0x40 : 0x50, (await publisher.ReceiveAsync())[0]);
    }

    private static async Task<string> NextAsync(RawClient client)
    {
        (_, string payload, int qos, int id, _) = RawClient.Read(await client.ReceiveAsync());
        if (qos == 1) await client.SendAsync(RawClient.Ack(0x40, id));
        return payload;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_BrokerRestarts_SubscriptionAndUndeliveredMessagesAreThere(bool isClean)
    {
        string files;
        await using (TestBroker broker = await TestBroker.StartAsync())
        {
            using (RawClient client = await RawClient.ConnectAsync(broker.Port, "s", clean: false))
            {
                await client.SubscribeAsync("t/#", 1);
                await PublishAsync(broker, "t/a", "seen");
                Assert.Equal("seen", await NextAsync(client));
                await client.SendAsync(0xe0, 0);
                Assert.Empty(await client.ReceiveAsync());
            }
            await TestBroker.UntilAsync(() => broker.Statistics.Connections == 0, "the subscriber is gone");
            for (int i = 0; i < 10; i++) await PublishAsync(broker, "t/b", $"away{i}");
            await PublishAsync(broker, "other", "not for it");
            broker.KeepsData = isClean;
            files = isClean ? broker.DataDirectory : broker.CopyAsIfKilled();
        }
        await using TestBroker second = await TestBroker.StartAsync(directory: files);
        Assert.Equal(1, second.Statistics.Sessions);
        await PublishAsync(second, "t/c", "after the restart");
        using RawClient again = await RawClient.ConnectAsync(second.Port, "s", clean: false);
        Assert.True(again.SessionPresent);
        for (int i = 0; i < 10; i++) Assert.Equal($"away{i}", await NextAsync(again));
        Assert.Equal("after the restart", await NextAsync(again));
        await PublishAsync(second, "t/d", "live");
        Assert.Equal("live", await NextAsync(again));
    }

    // Goal: QoS 1 that was sent and not acknowledged comes again, marked. Method: killed before the acknowledgement.
    [Fact]
    public async Task Session_CrashBeforePubAck_MessageComesAgainMarked()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        await client.SubscribeAsync("t", 1);
        await PublishAsync(broker, "t", "x");
        Assert.Equal("x", RawClient.Read(await client.ReceiveAsync()).Payload);
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient again = await RawClient.ConnectAsync(second.Port, "s", clean: false);
        (_, string payload, _, _, byte first) = RawClient.Read(await again.ReceiveAsync());
        Assert.Equal(("x", 8), (payload, first & 8));
    }

    // Goal: a crash repeats only what came after the last saved position.
    [Fact]
    public async Task Session_PositionWasSaved_CrashRepeatsNothingBefore()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { SessionSaveInterval = TimeSpan.FromMilliseconds(100) });
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        await client.SubscribeAsync("t", 1);
        for (int i = 0; i < 5; i++)
        {
            await PublishAsync(broker, "t", $"m{i}");
            Assert.Equal($"m{i}", await NextAsync(client));
        }
        await TestBroker.UntilAsync(() => broker.Broker.Store.Table.TryGet("ps", out ReadOnlyMemory<byte> value)
            && Sessions.DeliveryRecord.TryDecode(value.Span) is { InFlight.Count: 0 } saved && saved.Next.Sequence >= broker.Broker.Fanout.OfferedSequence - 1, "the position is saved");
        string files = broker.CopyAsIfKilled();
        await using TestBroker second = await TestBroker.StartAsync(directory: files);
        using RawClient again = await RawClient.ConnectAsync(second.Port, "s", clean: false);
        await PublishAsync(second, "t", "next");
        Assert.Equal("next", await NextAsync(again));
    }

    [Fact]
    public async Task Session_Unsubscribed_StaysUnsubscribedAfterRestart()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        await client.SubscribeAsync("a", 1);
        await client.SubscribeAsync("b", 1);
        await client.SendAsync(RawClient.Packet(0xa2, [0, 9, .. RawClient.Text("a")]));
        Assert.Equal([0xb0, 2, 0, 9], await client.ReceiveAsync());
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient again = await RawClient.ConnectAsync(second.Port, "s", clean: false);
        await PublishAsync(second, "a", "no");
        await PublishAsync(second, "b", "yes");
        Assert.Equal("yes", await NextAsync(again));
    }

    [Fact]
    public async Task Session_CleanStart_ForgetsWhatWasKept()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using (RawClient client = await RawClient.ConnectAsync(broker.Port, "s", clean: false)) await client.SubscribeAsync("t", 1);
        using RawClient clean = await RawClient.ConnectAsync(broker.Port, "s");
        Assert.False(clean.SessionPresent);
        await TestBroker.UntilAsync(() => broker.Broker.Store.Table.Count == 0, "nothing of it is left in the table");
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        Assert.Equal(0, second.Statistics.Sessions);
    }

    // Goal: the time a client was away counts over a restart.
    [Fact]
    public async Task Session_ExpiresWhileBrokerIsDown_IsGone()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        string files;
        await using (TestBroker broker = await TestBroker.StartAsync(timeProvider: clock))
        {
            using (RawClient client = await RawClient.ConnectAsync(broker.Port, "short", 5, properties: [0x11, 0, 0, 0, 60])) await client.SubscribeAsync("t", 1, 5);
            using (RawClient client = await RawClient.ConnectAsync(broker.Port, "long", 5, properties: [0x11, 0, 0, 1, 0])) await client.SubscribeAsync("t", 1, 5);
            await TestBroker.UntilAsync(() => broker.Statistics.Connections == 0, "both are gone");
            broker.KeepsData = true;
            files = broker.DataDirectory;
        }
        clock.Advance(TimeSpan.FromSeconds(100));
        await using TestBroker second = await TestBroker.StartAsync(directory: files, timeProvider: clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        await TestBroker.UntilAsync(() => second.Statistics.Sessions == 1, "the short one expired");
        using RawClient longer = await RawClient.ConnectAsync(second.Port, "long", 5, clean: false, properties: [0x11, 0, 0, 1, 0]);
        Assert.True(longer.SessionPresent);
    }

    [Fact]
    public async Task Retained_BrokerRestarts_IsStillThere()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await PublishAsync(broker, "r/a", "kept", retain: true);
        await PublishAsync(broker, "r/b", "removed", retain: true);
        await PublishAsync(broker, "r/b", "", retain: true);
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient client = await RawClient.ConnectAsync(second.Port, "s");
        await client.SubscribeAsync("r/#", 1);
        (string topic, string payload, _, _, byte first) = RawClient.Read(await client.ReceiveAsync());
        Assert.Equal(("r/a", "kept", 1), (topic, payload, first & 1));
        Assert.False(await client.HasAnythingAsync(0.1));
    }

    // Goal: the will of a client that was connected when the broker was killed is published once, by the next start.
    [Fact]
    public async Task Will_BrokerKilled_IsPublishedOnceAtTheNextStart()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient watcher = await RawClient.ConnectAsync(broker.Port, "watcher", clean: false);
        await watcher.SubscribeAsync("will/#", 1);
        byte[] will = [.. RawClient.Text("will/t"), .. RawClient.Text("gone")];
        using RawClient dying = await RawClient.ConnectAsync(broker.Port, "dying", will: will, flags: 0x0c);
        using (RawClient peaceful = await RawClient.ConnectAsync(broker.Port, "peaceful", will: will, flags: 0x0c)) await peaceful.SendAsync(0xe0, 0);
        await TestBroker.UntilAsync(() => broker.Broker.Store.Table.Snapshot().Count(pair => pair.Key[0] == 'w') == 1, "only one will is kept");
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient again = await RawClient.ConnectAsync(second.Port, "watcher", clean: false);
        Assert.Equal("gone", await NextAsync(again));
        await using TestBroker third = await TestBroker.StartAsync(directory: second.CopyAsIfKilled());
        await TestBroker.UntilAsync(() => third.Broker.Store.Table.Snapshot().All(pair => pair.Key[0] != 'w'), "nothing is kept of it");
        Assert.Equal(0, third.Statistics.WillsPublished);
    }

    [Fact]
    public async Task Will_DelayedAndBrokerKilled_WaitsAgainAndIsCancelledByReturn()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using TestBroker broker = await TestBroker.StartAsync(timeProvider: clock);
        byte[] will = [5, 0x18, 0, 0, 0, 30, .. RawClient.Text("will/t"), .. RawClient.Text("gone")];
        using RawClient a = await RawClient.ConnectAsync(broker.Port, "a", 5, properties: [0x11, 0, 0, 1, 0], will: will, flags: 0x0c);
        using RawClient b = await RawClient.ConnectAsync(broker.Port, "b", 5, properties: [0x11, 0, 0, 1, 0], will: will, flags: 0x0c);
        await TestBroker.UntilAsync(() => broker.Broker.Store.Table.Snapshot().Count(pair => pair.Key[0] == 'w') == 2, "both wills are kept");
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled(), timeProvider: clock);
        using RawClient back = await RawClient.ConnectAsync(second.Port, "a", 5, clean: false, properties: [0x11, 0, 0, 1, 0]);
        Assert.Equal(0, second.Statistics.WillsPublished);
        for (int i = 0; i < 32; i++) clock.Advance(TimeSpan.FromSeconds(1));
        await TestBroker.UntilAsync(() => second.Statistics.WillsPublished == 1, "the will of the one that did not come back");
    }
}
