using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Crash.Tests.Publishing;

/// <summary>One MQTT 3.1.1 connection with a session that is kept, as bytes. Every wait has a limit.</summary>
internal sealed class Qos2Link : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private NetworkStream? _stream;

    public bool SessionPresent { get; private set; }

    public async Task ConnectAsync(int port, string clientId, CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken).ConfigureAwait(false);
        _stream = new NetworkStream(_socket);
        byte[] id = Encoding.UTF8.GetBytes(clientId);
        byte[] connect = [0x10, (byte)(12 + id.Length), 0, 4, .. "MQTT"u8, 4, 0 /* keeps its session */, 0, 0, 0, (byte)id.Length, .. id];
        await SendAsync(connect, cancellationToken).ConfigureAwait(false);
        (byte first, byte[] body) = await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (first != 0x20 || body[1] != 0) throw new IOException($"CONNECT was answered with {first:x2} {Convert.ToHexString(body)}.");
        SessionPresent = body[0] == 1;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => await _stream!.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);

    public async Task<(byte First, byte[] Body)> ReadAsync(CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(AnswerTimeout);
        try
        {
            byte[] one = new byte[1];
            await _stream!.ReadExactlyAsync(one, late.Token).ConfigureAwait(false);
            byte first = one[0];
            int length = 0, shift = 0;
            do
            {
                await _stream.ReadExactlyAsync(one, late.Token).ConfigureAwait(false);
                length |= (one[0] & 0x7f) << shift;
                shift += 7;
            }
            while (one[0] >= 0x80);
            byte[] body = new byte[length];
            await _stream.ReadExactlyAsync(body, late.Token).ConfigureAwait(false);
            return (first, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { throw new TimeoutException($"The broker was silent for {AnswerTimeout}."); }
    }

    public static byte[] Publish(string topic, ReadOnlySpan<byte> payload, int id, bool isRepetition)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        int length = 4 + name.Length + payload.Length;
        if (length >= 128 * 128) throw new ArgumentException("The payload is too long for this client.", nameof(payload));
        byte[] size = length < 128 ? [(byte)length] : [(byte)(length | 0x80), (byte)(length >> 7)];
        return [(byte)(isRepetition ? 0x3c : 0x34), .. size, 0, (byte)name.Length, .. name, (byte)(id >> 8), (byte)id, .. payload];
    }

    public static byte[] Answer(byte first, int id) => [first, 2, (byte)(id >> 8), (byte)id];

    public static int IdOf(byte[] body) => BinaryPrimitives.ReadUInt16BigEndian(body);

    public void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }
}
