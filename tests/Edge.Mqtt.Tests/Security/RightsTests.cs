using Edge.Catalog.Users;
using Edge.Log.Readers;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests.Security;

/// <summary>What the broker makes of rights: CONNECT, will, publish, subscribe, retained, and what happens when they change.</summary>
public sealed class RightsTests
{
    private static byte[] ConnectAs(string user, string password, string clientId, int version, bool clean = true, byte[]? will = null)
    {
        byte[] tail = [.. will ?? [], .. RawClient.Text(user), .. RawClient.Text(password)];
        return RawClient.Connect(clientId, version, clean, will: tail, flags: (byte)(0xc0 | (will is null ? 0 : 0x0c)), properties: version == 5 ? [0x11, 0, 0, 1, 0] : null);
    }

    private static async Task<RawClient> LoginAsync(TestBroker broker, string user, string clientId, int version = 5, bool clean = true)
    {
        RawClient client = await RawClient.OpenAsync(broker.Port);
        await client.SendAsync(ConnectAs(user, TestUsers.Password, clientId, version, clean));
        byte[] answer = await client.ReceiveAsync();
        Assert.Equal(0, answer[3]);
        return client;
    }

    [Theory]
    [InlineData(4, "alice", "wrong", new byte[] { 0x20, 2, 0, 4 })]
    [InlineData(5, "alice", "wrong", new byte[] { 0x20, 3, 0, 0x86, 0 })]
    [InlineData(5, "nobody", TestUsers.Password, new byte[] { 0x20, 3, 0, 0x86, 0 })]
    public async Task Connect_WrongCredentials_IsRefused(int version, string user, string password, byte[] expected)
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", ["#"], ["#"]));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient client = await RawClient.OpenAsync(broker.Port);
        await client.SendAsync(ConnectAs(user, password, "c", version));
        Assert.Equal(expected, await client.ReceiveAsync());
        Assert.Empty(await client.ReceiveAsync());
        using RawClient anonymous = await RawClient.OpenAsync(broker.Port);
        await anonymous.SendAsync(RawClient.Connect("c", 4));
        Assert.Equal([0x20, 2, 0, 4], await anonymous.ReceiveAsync());
        Assert.Equal(2, broker.Statistics.LoginsRefused);
    }

    [Fact]
    public async Task Publish_WithoutRight_IsRefusedAndNotStored()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", ["own/%u/#"], []));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient client = await LoginAsync(broker, "alice", "c");
        await client.SendAsync(RawClient.Publish("own/alice/t", "x", 1, 1, version: 5));
        Assert.Equal(0x40, (await client.ReceiveAsync())[0]);
        await client.SendAsync(RawClient.Publish("own/bob/t", "x", 1, 2, version: 5));
        Assert.Equal([0x40, 3, 0, 2, 0x87], await client.ReceiveAsync());
        await client.SendAsync(RawClient.Publish("own/bob/t", "x", 2, 3, version: 5));
        Assert.Equal([0x50, 3, 0, 3, 0x87], await client.ReceiveAsync());
        await client.SendAsync(RawClient.Publish("own/bob/t", "x", 0, version: 5));
        await client.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await client.ReceiveAsync());
        Assert.Equal(3, broker.Statistics.Denied);
        using JournalReader reader = broker.Journal.OpenReader(0);
        Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public async Task Will_WithoutRight_ConnectIsRefused()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", ["own/#"], []));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient client = await RawClient.OpenAsync(broker.Port);
        await client.SendAsync(ConnectAs("alice", TestUsers.Password, "c", 4, will: [.. RawClient.Text("other/t"), .. RawClient.Text("w")]));
        Assert.Equal([0x20, 2, 0, 5], await client.ReceiveAsync());
    }

    [Fact]
    public async Task Subscribe_WiderThanTheRight_IsRefused()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", [], ["own/+/t", "$SYS/#"]));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient client = await LoginAsync(broker, "alice", "c");
        foreach (string filter in new[] { "#", "+/+/t", "own/#", "$share/g/#", "$replay/earliest/#", "own/a/b" })
        {
            await client.SendAsync(RawClient.Subscribe(filter, 1, 1, 5));
            Assert.Equal((filter, (byte)0x87), (filter, (await client.ReceiveAsync())[^1]));
        }
        foreach (string filter in new[] { "own/a/t", "own/+/t", "$share/g/own/+/t", "$replay/earliest/own/x/t", "$SYS/broker/uptime" })
        {
            await client.SendAsync(RawClient.Subscribe(filter, 1, 1, 5));
            byte[] answer = await client.ReceiveAsync();
            while (answer[0] != 0x90) answer = await client.ReceiveAsync();
            Assert.Equal((filter, (byte)1), (filter, answer[^1]));
        }
    }

    // CVE-2018-12546: a retained message outlived the publisher's right.
    [Fact]
    public async Task Cve201812546_PublisherLostItsRight_RetainedIsNotDelivered()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", ["t"], []), ("bob", [], ["#"]));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient publisher = await LoginAsync(broker, "alice", "p");
        await publisher.SendAsync(RawClient.Publish("t", "x", 1, 1, retain: true, version: 5));
        await publisher.ReceiveAsync();
        using RawClient before = await LoginAsync(broker, "bob", "b1");
        await before.SubscribeAsync("#", 0, 5);
        Assert.Equal("x", RawClient.Read(await before.ReceiveAsync(), 5).Payload);
        await users.RevokeAsync("alice", AclOperation.Publish, "t");
        using RawClient after = await LoginAsync(broker, "bob", "b2");
        await after.SubscribeAsync("#", 0, 5);
        await after.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await after.ReceiveAsync());
    }

    // CVE-2021-34434: a subscription outlived the right to it.
    [Fact]
    public async Task Cve202134434_SubscriberLostItsRight_SubscriptionEnds()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", ["#"], []), ("bob", [], ["#"]));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient subscriber = await LoginAsync(broker, "bob", "s");
        await subscriber.SubscribeAsync("secret", 1, 5);
        await subscriber.SubscribeAsync("open", 1, 5);
        await users.RevokeAsync("bob", AclOperation.Subscribe, "#");
        await users.AllowAsync("bob", AclOperation.Subscribe, "open");
        await TestBroker.UntilAsync(() => broker.Statistics.Subscriptions == 1, "the subscription is ended");
        using RawClient publisher = await LoginAsync(broker, "alice", "p");
        await publisher.SendAsync([.. RawClient.Publish("secret", "no", 1, 1, version: 5), .. RawClient.Publish("open", "yes", 1, 2, version: 5)]);
        Assert.Equal("yes", RawClient.Read(await subscriber.ReceiveAsync(), 5).Payload);
    }

    [Fact]
    public async Task Rights_UserRemoved_ConnectionIsClosedAndPublishRightEndsAtOnce()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", ["#"], []), ("bob", ["#"], []));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient alice = await LoginAsync(broker, "alice", "a");
        using RawClient bob = await LoginAsync(broker, "bob", "b");
        await bob.SendAsync(RawClient.Publish("t", "x", 1, 1, version: 5));
        await bob.ReceiveAsync();
        Assert.Equal(UserChange.Ok, (await users.Store.RemoveAsync("alice")).Change);
        await users.RevokeAsync("bob", AclOperation.Publish, "#");
        await bob.SendAsync(RawClient.Publish("t", "x", 1, 2, version: 5));
        Assert.Equal([0x40, 3, 0, 2, 0x87], await bob.ReceiveAsync());
        Assert.Equal([0xe0, 1, 0x87], await alice.ReceiveAsync());
    }

    // Goal: who guesses a client id gets neither its session nor its connection closed.
    [Fact]
    public async Task Session_OfAnotherUser_IsNotTakenOver()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", [], ["#"]), ("mallory", [], ["#"]));
        await using TestBroker broker = await TestBroker.StartAsync(access: users.Access);
        using RawClient alice = await LoginAsync(broker, "alice", "device", clean: false);
        using RawClient mallory = await RawClient.OpenAsync(broker.Port);
        await mallory.SendAsync(ConnectAs("mallory", TestUsers.Password, "device", 5, clean: false));
        Assert.Equal([0x20, 3, 0, 0x87, 0], await mallory.ReceiveAsync());
        await alice.SendAsync(0xc0, 0);
        Assert.Equal([0xd0, 0], await alice.ReceiveAsync());
        await using TestBroker second = await TestBroker.StartAsync(directory: broker.CopyAsIfKilled(), access: users.Access);
        using RawClient again = await RawClient.OpenAsync(second.Port);
        await again.SendAsync(ConnectAs("mallory", TestUsers.Password, "device", 5, clean: false));
        Assert.Equal([0x20, 3, 0, 0x87, 0], await again.ReceiveAsync());
    }
}
