using Edge.Mqtt.Connections;
using Edge.Mqtt.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Mqtt.Tests;

public sealed class QuotaTests
{
    [Fact]
    public void Take_AboveTheRate_TellsHowLongToWait()
    {
        FakeTimeProvider clock = new();
        ClientQuota quota = new(messagesPerSecond: 100, bytesPerSecond: 1000, clock);
        Assert.True(quota.Take(100, 100) <= TimeSpan.Zero); // a burst of a second
        Assert.Equal(0.5, quota.Take(50, 0).TotalSeconds, 3);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, quota.Take(1, 3000).TotalSeconds, 3);
        Assert.Null(ClientQuota.Of(new MqttOptions(), clock));
    }

    // Goal: a client above its quota is slowed, not closed, loses nothing, and slows nobody else. Method: the clock moves only when the test says so.
    [Fact]
    public async Task Publish_AboveTheQuota_IsReadLater()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { MaxMessagesPerSecond = 10 }, timeProvider: clock);
        using RawClient greedy = await RawClient.ConnectAsync(broker.Port, "greedy");
        using RawClient modest = await RawClient.ConnectAsync(broker.Port, "modest");
        await greedy.SendAsync([.. Enumerable.Range(1, 20).SelectMany(id => RawClient.Publish("t", "x", 1, id))]);
        for (int id = 1; id <= 20; id++) Assert.Equal(RawClient.Ack(0x40, id), await greedy.ReceiveAsync());
        await greedy.SendAsync(RawClient.Publish("t", "x", 1, 21));
        await modest.SendAsync(RawClient.Publish("t", "x", 1, 1));
        Assert.Equal(RawClient.Ack(0x40, 1), await modest.ReceiveAsync());
        Assert.False(await greedy.HasAnythingAsync(0.2));
        Assert.Equal(1, broker.Statistics.Throttled);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(RawClient.Ack(0x40, 21), await greedy.ReceiveAsync());
    }
}
