using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests.Conformance;

/// <summary>CONNECT, CONNACK, DISCONNECT and wills. docs/mqtt-conformance.md says which statement each test is for.</summary>
public sealed class HandshakeTests
{
    private static async Task<byte[]> AnswerAsync(TestBroker broker, params byte[] packet)
    {
        using RawClient client = await RawClient.OpenAsync(broker.Port);
        await client.SendAsync(packet);
        return await client.ReceiveAsync();
    }

    [Theory]
    [InlineData("100D 0004 4D515454 04 03 003C 0001 63")]                 // reserved flag
    [InlineData("100D 0004 4D515454 04 08 003C 0001 63")]                 // will QoS without will
    [InlineData("100D 0004 4D515454 04 22 003C 0001 63")]                 // will retain without will
    [InlineData("100D 0004 4D515454 04 1E 003C 0001 63")]                 // will QoS 3
    [InlineData("100D 0004 4D515454 04 06 003C 0001 63")]                 // will flag, no will
    [InlineData("1010 0004 4D515454 04 02 003C 0001 63 0001 78")]         // a user name that was not announced
    [InlineData("100D 0004 4D515454 04 82 003C 0001 63")]                 // a user name that was announced and is not there
    [InlineData("1010 0004 4D515454 04 42 003C 0001 63 0001 78")]         // password without user name (3.1.1)
    [InlineData("1010 0004 4D515454 04 C2 003C 0001 63 0001 78")]         // password announced and not there
    [InlineData("100E 0004 4D515454 04 02 003C 0002 C328")]               // client id is no UTF-8
    [InlineData("100E 0004 4D515454 04 02 003C 0002 6300")]               // U+0000
    [InlineData("1010 0004 4D515454 04 82 003C 0001 63 0001 FF")]         // user name is no UTF-8
    [InlineData("1013 0004 4D515454 04 06 003C 0001 63 0001 FF 0001 78")] // will topic is no UTF-8
    [InlineData("100D 0004 4D515458 04 02 003C 0001 63")]                 // protocol name
    public async Task Connect_BreaksARule_IsClosedWithoutSuccess(string hex)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        byte[] answer = await AnswerAsync(broker, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.True(answer.Length == 0 || answer[3] != 0, Convert.ToHexString(answer));
        Assert.Equal(1, broker.Statistics.Malformed);
    }

    [Theory]
    [InlineData(6, new byte[] { 0x20, 3, 0, 0x84, 0 })]
    [InlineData(3, new byte[] { 0x20, 2, 0, 1 })]
    public async Task Connect_OtherProtocolVersion_IsTold(int version, byte[] expected)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        byte[] packet = RawClient.Connect("c");
        packet[8] = (byte)version;
        Assert.Equal(expected, await AnswerAsync(broker, packet));
    }

    [Fact]
    public async Task Connect_EmptyClientId_IsRefusedOrAssigned()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        Assert.Equal([0x20, 2, 0, 2], await AnswerAsync(broker, RawClient.Connect("", clean: false)));
        Assert.Equal([0x20, 2, 0, 0], await AnswerAsync(broker, RawClient.Connect("")));
        HashSet<string> ids = [];
        for (int i = 0; i < 3; i++)
        {
            byte[] answer = await AnswerAsync(broker, RawClient.Connect("", 5));
            int at = Array.IndexOf(answer, (byte)0x12, 5);
            Assert.True(at > 0, "no assigned client identifier");
            ids.Add(System.Text.Encoding.UTF8.GetString(answer, at + 3, answer[at + 2]));
        }
        Assert.Equal(3, ids.Count);
    }

    [Fact]
    public async Task Connect_Second_IsAProtocolError()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(RawClient.Connect("c", 5));
        Assert.Equal([0xe0, 1, 0x82], await client.ReceiveAsync());
        Assert.Empty(await client.ReceiveAsync());
    }

    // Goal: nothing behind a CONNECT that is refused is acted on.
    [Fact]
    public async Task Connect_Refused_WhatFollowsIsNotProcessed()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        byte[] connect = RawClient.Connect("c", 5, properties: [0x15, 0, 1, (byte)'x']);
        Assert.Equal([0x20, 3, 0, 0x8c, 0], await AnswerAsync(broker, [.. connect, .. RawClient.Publish("t", "x", 1, 1, version: 5)])); // enhanced authentication: no such method
        Assert.Equal(0, broker.Statistics.MessagesReceived);
    }

    [Fact]
    public async Task Auth_WithoutMethod_IsAProtocolError()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(0xf0, 2, 0x18, 0);
        Assert.Equal([0xe0, 1, 0x82], await client.ReceiveAsync());
    }

    [Theory]
    [InlineData(0, 300)]
    [InlineData(600, 300)]
    [InlineData(60, 0)]
    public async Task ConnAck_KeepAlive_IsAnnouncedWhenItDiffers(int wanted, int announced)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        byte[] answer = await AnswerAsync(broker, RawClient.Connect("c", 5, keepAlive: (ushort)wanted));
        int at = Array.IndexOf(answer, (byte)0x13, 5);
        Assert.Equal(announced, at < 0 ? 0 : (answer[at + 1] << 8) | answer[at + 2]);
    }

    [Fact]
    public async Task Disconnect_WithWill_PublishesIt()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient watcher = await RawClient.ConnectAsync(broker.Port, "w");
        await watcher.SubscribeAsync("will", 1);
        byte[] will = [0, .. RawClient.Text("will"), .. RawClient.Text("bye")];
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5, will: will, flags: 0x2c);
        await client.SendAsync(0xe0, 2, 0x04, 0);
        (_, string payload, _, _, byte first) = RawClient.Read(await watcher.ReceiveAsync());
        Assert.Equal(("bye", 0), (payload, first & 1)); // an established subscription does not see the retain flag
        using RawClient late = await RawClient.ConnectAsync(broker.Port, "late");
        await late.SubscribeAsync("will", 1);
        Assert.Equal(1, RawClient.Read(await late.ReceiveAsync()).First & 1); // a retained will
    }

    [Fact]
    public async Task Disconnect_RaisesExpiryFromZero_IsAProtocolError()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5);
        await client.SendAsync(0xe0, 7, 0, 5, 0x11, 0, 0, 0, 60);
        Assert.Equal([0xe0, 1, 0x82], await client.ReceiveAsync());
    }

    // Goal: a client that takes only tiny packets is still answered, and is sent nothing larger.
    [Fact]
    public async Task MaximumPacketSize_OfTheClient_IsKept()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c", 5, properties: [0x27, 0, 0, 0, 20]);
        await client.SubscribeAsync("t", 1, 5);
        using RawClient publisher = await RawClient.ConnectAsync(broker.Port, "p");
        await publisher.SendAsync([.. RawClient.Publish("t", new string('x', 100), 1, 1), .. RawClient.Publish("t", "small", 1, 2)]);
        Assert.Equal("small", RawClient.Read(await client.ReceiveAsync(), 5).Payload);
        Assert.Equal(1, broker.Statistics.MessagesDropped);
    }
}
