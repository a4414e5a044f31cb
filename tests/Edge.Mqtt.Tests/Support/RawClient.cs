using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Edge.Mqtt.Tests.Support;

/// <summary>A socket that sends bytes as they are and reads whole packets.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly byte[] _one = new byte[1];
    private NetworkStream? _stream;

    public static async Task<RawClient> OpenAsync(int port, int receiveBuffer = 0)
    {
        RawClient client = new();
        if (receiveBuffer > 0) client._tcp.ReceiveBufferSize = receiveBuffer;
        await client._tcp.ConnectAsync("127.0.0.1", port);
        client._stream = client._tcp.GetStream();
        return client;
    }

    /// <summary>Opens and connects; checks that the broker says yes.</summary>
    public static async Task<RawClient> ConnectAsync(
        int port, string clientId, int version = 4, bool clean = true, ushort keepAlive = 60, byte[]? properties = null, byte[]? will = null, byte flags = 0, int receiveBuffer = 0)
    {
        RawClient client = await OpenAsync(port, receiveBuffer);
        await client.SendAsync(Connect(clientId, version, clean, keepAlive, properties, will, flags));
        byte[] answer = await client.ReceiveAsync();
        Assert.Equal(0x20, answer[0]);
        Assert.Equal(0, answer[3]);
        client.SessionPresent = answer[2] == 1;
        return client;
    }

    public bool SessionPresent { get; private set; }

    public static byte[] Connect(string clientId, int version = 4, bool clean = true, ushort keepAlive = 60, byte[]? properties = null, byte[]? will = null, byte flags = 0)
    {
        List<byte> body = [0, 4, .. "MQTT"u8, (byte)version, (byte)(flags | (clean ? 2 : 0)), (byte)(keepAlive >> 8), (byte)keepAlive];
        if (version == 5) body.AddRange([(byte)(properties?.Length ?? 0), .. properties ?? []]);
        body.AddRange(Text(clientId));
        if (will is not null) body.AddRange(will);
        return Packet(0x10, [.. body]);
    }

    public static byte[] Publish(string topic, string payload, int qos = 0, int id = 0, bool retain = false, bool dup = false, int version = 4, byte[]? properties = null)
    {
        List<byte> body = [.. Text(topic)];
        if (qos > 0) body.AddRange([(byte)(id >> 8), (byte)id]);
        if (version == 5) body.AddRange([(byte)(properties?.Length ?? 0), .. properties ?? []]);
        body.AddRange(Encoding.UTF8.GetBytes(payload));
        return Packet((byte)(0x30 | (dup ? 8 : 0) | qos << 1 | (retain ? 1 : 0)), [.. body]);
    }

    public static byte[] Subscribe(string filter, int qos, int id = 1, int version = 4, byte[]? properties = null)
    {
        List<byte> body = [(byte)(id >> 8), (byte)id];
        if (version == 5) body.AddRange([(byte)(properties?.Length ?? 0), .. properties ?? []]);
        body.AddRange([.. Text(filter), (byte)qos]);
        return Packet(0x82, [.. body]);
    }

    public static byte[] Ack(byte first, int id) => [first, 2, (byte)(id >> 8), (byte)id];

    public static byte[] Packet(byte first, byte[] body)
    {
        List<byte> packet = [first];
        int length = body.Length;
        do
        {
            packet.Add((byte)((length & 0x7f) | (length > 0x7f ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);
        return [.. packet, .. body];
    }

    public static byte[] Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return [(byte)(utf8.Length >> 8), (byte)utf8.Length, .. utf8];
    }

    public async Task SendAsync(params byte[] bytes) => await _stream!.WriteAsync(bytes);

    public async Task SubscribeAsync(string filter, int qos, int version = 4, byte[]? properties = null)
    {
        await SendAsync(Subscribe(filter, qos, 1, version, properties));
        byte[] answer = await ReceiveAsync();
        Assert.Equal(0x90, answer[0]);
        Assert.Equal(qos & 3, answer[^1]);
    }

    /// <summary>The next packet; empty when the broker has closed the connection.</summary>
    public async Task<byte[]> ReceiveAsync(double seconds = 20)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(seconds));
        try
        {
            if (await _stream!.ReadAsync(_one, limit.Token) == 0) return [];
            List<byte> head = [_one[0]];
            int length = 0, shift = 0;
            do
            {
                await _stream.ReadExactlyAsync(_one, limit.Token);
                head.Add(_one[0]);
                length |= (_one[0] & 0x7f) << shift;
                shift += 7;
            }
            while ((_one[0] & 0x80) != 0);
            byte[] body = new byte[length];
            await _stream.ReadExactlyAsync(body, limit.Token);
            return [.. head, .. body];
        }
        catch (IOException) { return []; }
    }

    public async Task<bool> HasAnythingAsync(double seconds)
    {
        DateTime limit = DateTime.UtcNow.AddSeconds(seconds);
        while (DateTime.UtcNow < limit)
        {
            if (_tcp.Available > 0) return true;
            await Task.Delay(10);
        }
        return false;
    }

    /// <summary>Topic, payload, QoS and packet id of a PUBLISH of MQTT 3.1.1.</summary>
    public static (string Topic, string Payload, int Qos, int Id, byte First) Read(byte[] packet, int version = 4)
    {
        Assert.Equal(3, packet[0] >> 4);
        int at = 1;
        while ((packet[at++] & 0x80) != 0) { }
        int topicBytes = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at));
        string topic = Encoding.UTF8.GetString(packet, at + 2, topicBytes);
        at += 2 + topicBytes;
        int qos = (packet[0] >> 1) & 3, id = 0;
        if (qos > 0)
        {
            id = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at));
            at += 2;
        }
        if (version == 5) at += 1 + packet[at];
        return (topic, Encoding.UTF8.GetString(packet, at, packet.Length - at), qos, id, packet[0]);
    }

    /// <summary>Ends the connection without a DISCONNECT.</summary>
    public void Dispose() => _tcp.Dispose();
}
