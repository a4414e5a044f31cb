using System.Text;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests;

/// <summary>QoS 2 over a crash of the broker, at every step of both directions. A crash is a second broker on a copy of the files as they are at that moment.</summary>
public sealed class DurableQos2Tests
{
    private static List<string> Stored(TestBroker broker)
    {
        List<string> values = [];
        using JournalReader reader = broker.Journal.OpenReader(0);
        while (reader.TryRead(out JournalEntry entry))
            foreach (RecordView record in RecordEnumerator.OverBatch(entry.Batch.Span)) values.Add(Encoding.UTF8.GetString(record.Value));
        return values;
    }

    private static async Task ReleaseAsync(RawClient client, int id)
    {
        await client.SendAsync(RawClient.Ack(0x62, id));
        Assert.Equal(RawClient.Ack(0x70, id), await client.ReceiveAsync());
    }

    [Fact]
    public async Task Inbound_CrashAfterPubRec_RepetitionIsNotStoredAgain()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "q2", clean: false);
        for (int id = 1; id <= 40; id++) await client.SendAsync(RawClient.Publish("t", $"m{id}", 2, id));
        for (int id = 1; id <= 40; id++) Assert.Equal(RawClient.Ack(0x50, id), await client.ReceiveAsync());
        await ReleaseAsync(client, 7);
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient again = await RawClient.ConnectAsync(second.Port, "q2", clean: false);
        Assert.True(again.SessionPresent);
        for (int id = 1; id <= 40; id++)
        {
            if (id == 7) continue;
            await again.SendAsync(RawClient.Publish("t", $"m{id}", 2, id, dup: true));
            Assert.Equal(RawClient.Ack(0x50, id), await again.ReceiveAsync());
            await ReleaseAsync(again, id);
        }
        Assert.Equal(40, Stored(second).Count);
        Assert.Equal(39, second.Statistics.Duplicates);
        // Every id is free again, the released one too.
        for (int id = 1; id <= 40; id++) await again.SendAsync(RawClient.Publish("t", $"n{id}", 2, id));
        for (int id = 1; id <= 40; id++) Assert.Equal(RawClient.Ack(0x50, id), await again.ReceiveAsync());
        Assert.Equal(80, Stored(second).Count);
    }

    [Fact]
    public async Task Inbound_CrashAfterPubComp_IdIsFreeForANewMessage()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "q2", clean: false);
        await client.SendAsync(RawClient.Publish("t", "first", 2, 5));
        Assert.Equal(RawClient.Ack(0x50, 5), await client.ReceiveAsync());
        await ReleaseAsync(client, 5);
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient again = await RawClient.ConnectAsync(second.Port, "q2", clean: false);
        await again.SendAsync(RawClient.Publish("t", "second", 2, 5));
        Assert.Equal(RawClient.Ack(0x50, 5), await again.ReceiveAsync());
        Assert.Equal(["first", "second"], Stored(second));
    }

    // Goal: record and id are together on disk or neither is. Method: the crash falls between write and sync, before any PUBREC.
    [Fact]
    public async Task Inbound_CrashBeforePubRec_RepetitionMakesOneRecord()
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(wrapDisk: inner => disk = new HeldDisk(inner));
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "q2", clean: false);
        await client.SendAsync(RawClient.Publish("t", "first", 1, 1));
        await client.ReceiveAsync();
        disk!.Hold();
        await client.SendAsync(RawClient.Publish("t", "x", 2, 9));
        await TestBroker.UntilAsync(() => disk.Waiting > 0, "the commit reaches the sync");
        string files = broker.CopyAsIfKilled();
        Assert.False(await client.HasAnythingAsync(0.1));
        disk.LetGo();
        await using TestBroker second = await TestBroker.StartAsync(directory: files);
        using RawClient again = await RawClient.ConnectAsync(second.Port, "q2", clean: false);
        await again.SendAsync(RawClient.Publish("t", "x", 2, 9, dup: true));
        Assert.Equal(RawClient.Ack(0x50, 9), await again.ReceiveAsync());
        Assert.Equal(["first", "x"], Stored(second));
        disk.Dispose();
    }

    [Fact]
    public async Task Inbound_ReleaseNotDurable_NoPubComp()
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(wrapDisk: inner => disk = new HeldDisk(inner));
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "q2", clean: false);
        await client.SendAsync(RawClient.Publish("t", "x", 2, 9));
        Assert.Equal(RawClient.Ack(0x50, 9), await client.ReceiveAsync());
        disk!.Hold();
        await client.SendAsync(RawClient.Ack(0x62, 9));
        await TestBroker.UntilAsync(() => disk.Waiting > 0, "the release reaches the sync");
        Assert.False(await client.HasAnythingAsync(0.2));
        disk.LetGo();
        Assert.Equal(RawClient.Ack(0x70, 9), await client.ReceiveAsync());
        disk.Dispose();
    }

    // Goal: a release that could not be written is not confirmed, and the next attempt mends what is on disk.
    [Fact]
    public async Task Inbound_ReleaseFails_NoPubCompAndConnectionEnds()
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(wrapDisk: inner => disk = new HeldDisk(inner));
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "q2", clean: false);
        await client.SendAsync(RawClient.Publish("t", "x", 2, 9));
        Assert.Equal(RawClient.Ack(0x50, 9), await client.ReceiveAsync());
        disk!.FailSyncs = true;
        await client.SendAsync(RawClient.Ack(0x62, 9));
        Assert.Empty(await client.ReceiveAsync());
        disk.FailSyncs = false;
        disk.Dispose();
    }

    [Fact]
    public async Task Inbound_SessionEndsWithConnection_NothingIsKept()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using (RawClient client = await RawClient.ConnectAsync(broker.Port, "q2"))
        {
            await client.SendAsync(RawClient.Publish("t", "x", 2, 9));
            Assert.Equal(RawClient.Ack(0x50, 9), await client.ReceiveAsync());
        }
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient again = await RawClient.ConnectAsync(second.Port, "q2", clean: false);
        Assert.False(again.SessionPresent);
        await again.SendAsync(RawClient.Publish("t", "y", 2, 9));
        Assert.Equal(RawClient.Ack(0x50, 9), await again.ReceiveAsync());
        Assert.Equal(["x", "y"], Stored(second));
    }

    [Fact]
    public async Task Outbound_PubRelWaitsUntilTheStateIsDurable()
    {
        HeldDisk? disk = null;
        await using TestBroker broker = await TestBroker.StartAsync(wrapDisk: inner => disk = new HeldDisk(inner));
        using RawClient subscriber = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        await subscriber.SubscribeAsync("t", 2);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        await publisher.SendAsync(RawClient.Publish("t", "first", 2, 1));
        Assert.Equal(RawClient.Ack(0x50, 1), await publisher.ReceiveAsync());
        (_, _, _, int id, _) = RawClient.Read(await subscriber.ReceiveAsync());
        disk!.Hold();
        await subscriber.SendAsync(RawClient.Ack(0x50, id));
        await TestBroker.UntilAsync(() => disk.Waiting > 0, "the state reaches the sync");
        Assert.False(await subscriber.HasAnythingAsync(0.2)); // no PUBREL yet
        disk.LetGo();
        Assert.Equal(RawClient.Ack(0x62, id), await subscriber.ReceiveAsync());
        disk.Dispose();
    }

    // Goal: a subscriber gets each QoS 2 message once over a crash at each step. Method: three messages left at three different steps.
    [Fact]
    public async Task Outbound_CrashAtEveryStep_GoesOnWhereItWas()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient subscriber = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        await subscriber.SubscribeAsync("t", 2);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        int[] ids = new int[4];
        for (int i = 0; i < 4; i++)
        {
            await publisher.SendAsync(RawClient.Publish("t", $"m{i}", 1, i + 1));
            Assert.Equal(RawClient.Ack(0x40, i + 1), await publisher.ReceiveAsync());
        }
        await publisher.SendAsync(RawClient.Publish("t", "two", 2, 9));
        await publisher.ReceiveAsync();
        for (int i = 0; i < 4; i++) await subscriber.SendAsync(RawClient.Ack(0x40, RawClient.Read(await subscriber.ReceiveAsync()).Id));
        List<int> sent = [RawClient.Read(await subscriber.ReceiveAsync()).Id];
        for (int i = 0; i < 2; i++)
        {
            await publisher.SendAsync(RawClient.Publish("t", $"more{i}", 2, 20 + i));
            await publisher.ReceiveAsync();
            sent.Add(RawClient.Read(await subscriber.ReceiveAsync()).Id);
        }
        // The first is complete, the second has its PUBREL, the third was only sent.
        await subscriber.SendAsync([.. RawClient.Ack(0x50, sent[0]), .. RawClient.Ack(0x50, sent[1])]);
        Assert.Equal(RawClient.Ack(0x62, sent[0]), await subscriber.ReceiveAsync());
        Assert.Equal(RawClient.Ack(0x62, sent[1]), await subscriber.ReceiveAsync());
        await subscriber.SendAsync(RawClient.Ack(0x70, sent[0]));
        string files = broker.CopyAsIfKilled();

        await using TestBroker second = await TestBroker.StartAsync(directory: files);
        using RawClient again = await RawClient.ConnectAsync(second.Port, "s", clean: false);
        Assert.True(again.SessionPresent);
        HashSet<int> released = [];
        byte[] packet;
        while ((packet = await again.ReceiveAsync())[0] == 0x62) released.Add(packet[3]);
        Assert.Contains(sent[1], released);
        Assert.True(released.IsSubsetOf([sent[0], sent[1]]));
        (_, string payload, int qos, int id, byte first) = RawClient.Read(packet);
        Assert.Equal(("more1", 2, sent[2]), (payload, qos, id));
        Assert.Equal(8, first & 8);
        foreach (int done in released) await again.SendAsync(RawClient.Ack(0x70, done));
        await again.SendAsync(RawClient.Ack(0x50, id));
        Assert.Equal(RawClient.Ack(0x62, id), await again.ReceiveAsync());
        await again.SendAsync(RawClient.Ack(0x70, id));
        using RawClient other = await RawClient.ConnectAsync(second.Port, "p2");
        await other.SendAsync(RawClient.Publish("t", "after", 2, 1));
        Assert.Equal("after", RawClient.Read(await again.ReceiveAsync()).Payload);
    }

    // Goal: the id a message went out under is on disk before the client sees it. Method: the crash comes before any answer; only the saved state can mark the repetition.
    [Fact]
    public async Task Outbound_CrashBeforePubRec_ComesAgainUnderItsIdAndMarked()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient subscriber = await RawClient.ConnectAsync(broker.Port, "s", clean: false);
        await subscriber.SubscribeAsync("t", 2);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        List<int> ids = [];
        for (int i = 1; i <= 3; i++)
        {
            await publisher.SendAsync(RawClient.Publish("t", $"m{i}", 2, i));
            await publisher.ReceiveAsync();
            ids.Add(RawClient.Read(await subscriber.ReceiveAsync()).Id);
        }
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled());
        using RawClient again = await RawClient.ConnectAsync(second.Port, "s", clean: false);
        for (int i = 1; i <= 3; i++)
        {
            (_, string payload, int qos, int id, byte first) = RawClient.Read(await again.ReceiveAsync());
            Assert.Equal(($"m{i}", 2, ids[i - 1], 8), (payload, qos, id, first & 8));
        }
        Assert.False(await again.HasAnythingAsync(0.1));
    }
}
