using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Edge.Kafka.Protocol;

namespace Edge.Kafka.Tests;

/// <summary>A client that sends exactly the bytes a test wants.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _correlation;

    public static async Task<RawClient> ConnectAsync(int port)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(KafkaHarness.Deadline);
        return client;
    }

    /// <summary>A request with its length prefix.</summary>
    public static byte[] Frame(short key, short version, int correlation, bool flexible, Action<KafkaWriter> body)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt16(key);
        writer.WriteInt16(version);
        writer.WriteInt32(correlation);
        writer.WriteString("test");
        writer.Flexible = flexible;
        writer.WriteTags();
        body(writer);
        writer.PatchInt32(0, writer.Length - 4);
        return writer.Written.ToArray();
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes).AsTask().WaitAsync(KafkaHarness.Deadline)..];
    }

    /// <summary>Sends one request and returns the response behind its correlation id (and its tagged fields, when the header has them).</summary>
    public async Task<byte[]> CallAsync(ApiKey key, short version, bool flexible, Action<KafkaWriter> body)
    {
        int correlation = ++_correlation;
        await SendAsync(Frame((short)key, version, correlation, flexible, body));
        byte[] response = await ReceiveAsync() ?? throw new IOException("the connection was closed");
        if (BinaryPrimitives.ReadInt32BigEndian(response) != correlation) throw new IOException("the correlation id is another one");
        return response[(flexible && key != ApiKey.ApiVersions ? 5 : 4)..];
    }

    /// <summary>Next response without its length. Null: the peer closed.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        byte[]? length = await ReadAsync(4);
        return length is null ? null : await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(length));
    }

    public void CloseSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]?> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int got;
            try
            {
                got = await _socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(KafkaHarness.Deadline);
            }
            catch (SocketException)
            {
                return null; // a reset is a close
            }
            if (got == 0) return null;
            read += got;
        }
        return bytes;
    }
}
