using Edge.Mqtt.Protocol;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests.Protocol;

public sealed class MalformedPacketTests
{
    private static ConnectPacket? Parse(byte[] packet, out byte[] refusal) => ConnectPacket.TryParse((byte)(packet[0] & 15), packet.AsSpan(2), 1024, 32, out refusal);

    [Fact]
    public void Connect_Minimal_IsRead()
    {
        ConnectPacket? connect = Parse(RawClient.Connect("p", keepAlive: 10), out _);
        Assert.NotNull(connect);
        Assert.Equal("p", connect.ClientId);
        Assert.Equal(10, connect.KeepAliveSeconds);
        Assert.True(connect.CleanStart);
    }

    // Goal: a CONNECT cut anywhere is refused without an exception. Method: every prefix; exhaustive, so no seed.
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Connect_CutAtAnyByte_IsRefused(int version)
    {
        byte[] will = version == 5 ? [0, 0, 1, (byte)'t', 0, 1, (byte)'m'] : [0, 1, (byte)'t', 0, 1, (byte)'m'];
        byte[] packet = RawClient.Connect("client", version, will: [.. will, 0, 1, (byte)'u', 0, 1, (byte)'p'], flags: 0xc4, properties: version == 5 ? [0x11, 0, 0, 0, 1] : null);
        Assert.NotNull(Parse(packet, out _));
        for (int cut = 2; cut < packet.Length; cut++) Assert.Null(Parse(packet[..cut], out _));
    }

    // Goal: no bytes make a parser throw or read past its end. Method: mutations of good packets from a printed seed.
    [Fact]
    public void Parsers_MutatedPackets_NeverThrow()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        byte[][] good =
        [
            RawClient.Connect("client", 5, properties: [0x11, 0, 0, 0, 1, 0x21, 0, 9]), RawClient.Subscribe("a/+/#", 1, 7, 5, [0x0b, 5]),
            RawClient.Publish("a/b", "x", 1, 3, version: 5, properties: [0x23, 0, 1, 0x26, 0, 1, 65, 0, 1, 66]), RawClient.Ack(0x40, 5),
        ];
        for (int i = 0; i < 100_000; i++)
        {
            byte[] packet = [.. good[random.Next(good.Length)]];
            for (int n = random.Next(1, 4); n > 0; n--) packet[random.Next(packet.Length)] = (byte)random.Next(256);
            packet = packet[..random.Next(2, packet.Length + 1)];
            try
            {
                byte[] body = packet[2..];
                _ = ConnectPacket.TryParse(0, body, 1024, 32, out _);
                _ = SubscribePacket.TryParse(body, false, true, 1024, 32, out _);
                _ = SubscribePacket.TryParse(body, true, false, 1024, 32, out _);
                _ = AcknowledgementPacket.TryParse(PacketType.PubAck, 0, body, true, out _);
                BodyReader reader = new(body);
                _ = MessageProperties.TryTake(ref reader, PropertySet.Publish, out _);
            }
            catch (Exception e) { Assert.Fail($"seed {seed}, round {i}, packet {Convert.ToHexString(packet)}: {e}"); }
        }
    }

    [Theory]
    [InlineData("000101 0201 01", PacketFault.ProtocolError)]          // reason 1 does not exist
    [InlineData("0001", PacketFault.None)]
    [InlineData("000100", PacketFault.None)]
    [InlineData("00010000", PacketFault.None)]
    [InlineData("0000", PacketFault.ProtocolError)]
    [InlineData("00", PacketFault.Malformed)]
    [InlineData("00010001", PacketFault.Malformed)]                    // property length past the end
    [InlineData("000100022500", PacketFault.ProtocolError)]            // a property that does not belong here
    [InlineData("0001000000", PacketFault.Malformed)]                  // bytes left over
    public void Acknowledgement_Version5_Table(string hex, object fault) => Assert.Equal((PacketFault)fault,
        AcknowledgementPacket.TryParse(PacketType.PubAck, 0, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), true, out _));
}
