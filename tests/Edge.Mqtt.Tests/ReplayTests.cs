using Edge.Ingest;
using Edge.Mqtt.Sessions;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests;

public sealed class ReplayTests
{
    [Theory]
    [InlineData("earliest", 0)]
    [InlineData("-90s", 1_000_000_000_000 - 90_000)]
    [InlineData("-5m", 1_000_000_000_000 - 300_000)]
    [InlineData("-1h", 1_000_000_000_000 - 3_600_000)]
    [InlineData("-7d", 1_000_000_000_000 - 604_800_000)]
    [InlineData("19700102T000000Z", 86_400_000)]
    public void TryParseFrom_EveryForm(string text, long expected)
    {
        Assert.True(Replay.TryParseFrom(text, 1_000_000_000_000, out long fromMs));
        Assert.Equal(expected, fromMs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("-h")]
    [InlineData("1h")]
    [InlineData("-1x")]
    [InlineData("--1h")]
    [InlineData("2026-11-23T06:00:00Z")]
    [InlineData("20261340T000000Z")]
    public void TryParseFrom_AnythingElse_IsRefused(string text) => Assert.False(Replay.TryParseFrom(text, 1_000_000_000_000, out _));

    // Goal: history first, in order and under the prefix, then what is new, nothing missed or repeated between.
    [Fact]
    public async Task Replay_FromEarliest_HistoryThenLive()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        for (int id = 1; id <= 300; id++) await publisher.SendAsync(RawClient.Publish($"s/{id % 3}", $"{id}", 1, id));
        for (int id = 1; id <= 300; id++) await publisher.ReceiveAsync();
        await publisher.SendAsync(RawClient.Publish("other", "x", 1, 1));
        await publisher.ReceiveAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SubscribeAsync("$replay/earliest/s/+", 1);
        Dictionary<string, int> last = [];
        for (int i = 1; i <= 320; i++)
        {
            if (i > 300)
            {
                await publisher.SendAsync(RawClient.Publish($"s/{i % 3}", $"{i}", 1, i));
                await publisher.ReceiveAsync();
            }
            (string topic, string payload, int qos, int id, _) = RawClient.Read(await client.ReceiveAsync());
            Assert.StartsWith("$replay/earliest/s/", topic);
            Assert.Equal(1, qos);
            int number = int.Parse(payload);
            Assert.Equal(number, last.GetValueOrDefault(topic, number % 3 == 0 ? 0 : (number % 3) - 3) + 3);
            last[topic] = number;
            await client.SendAsync(RawClient.Ack(0x40, id));
        }
    }

    [Fact]
    public async Task Replay_FromTime_StartsThere()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (int secondsAgo in new[] { 7000, 5000, 3500, 100 })
            await broker.Ingest.SubmitAsync(new IngestRecord { Topic = "old", Value = BitConverter.GetBytes(secondsAgo), TimestampMs = now - (secondsAgo * 1000L) }, default);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await client.SubscribeAsync("$replay/-1h/old", 0);
        List<byte[]> packets = [await client.ReceiveAsync(), await client.ReceiveAsync()];
        Assert.Equal([3500, 100], packets.Select(packet => BitConverter.ToInt32(packet.AsSpan()[^4..])));
        Assert.False(await client.HasAnythingAsync(0.1));
    }

    [Fact]
    public async Task Replay_WrongStartOrTooMany_IsRefusedPerFilter()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new MqttOptions { MaxReplays = 1 });
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(RawClient.Subscribe("$replay/yesterday/#", 0, 1, 5));
        Assert.Equal([0x90, 4, 0, 1, 0, 0x8f], await client.ReceiveAsync());
        await client.SubscribeAsync("$replay/earliest/a", 0, 5);
        await client.SendAsync(RawClient.Subscribe("$replay/earliest/b", 0, 2, 5));
        Assert.Equal([0x90, 4, 0, 2, 0, 0x97], await client.ReceiveAsync());
        await client.SendAsync(RawClient.Packet(0xa2, [0, 3, 0, .. RawClient.Text("$replay/earliest/a")]));
        Assert.Equal([0xb0, 4, 0, 3, 0, 0], await client.ReceiveAsync());
        await client.SubscribeAsync("$replay/earliest/b", 0, 5);
    }
}
