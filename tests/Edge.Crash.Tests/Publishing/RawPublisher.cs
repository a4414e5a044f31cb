using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Testing.Ledger;

namespace Edge.Crash.Tests.Publishing;

/// <summary>An MQTT 3.1.1 client that publishes at QoS 1 with several in flight and comes back after every loss of its connection.</summary>
/// <remarks>What was not acknowledged is sent again, in order, before anything new: the order of first copies is that of the sequence.</remarks>
internal sealed class RawPublisher(int client, int port, int messages, int window, AckLedger ledger)
{
    private const byte PubAck = 0x40, ConnAck = 0x20, Disconnect = 0xE0;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50), AnswerTimeout = TimeSpan.FromSeconds(60);

    private readonly byte[] _topic = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"crash/{client}"));
    private long _acknowledged; // all below it are
    private long _sent;

    /// <summary>Connections that were lost or refused.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Until every message is acknowledged.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (_acknowledged < messages)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken).ConfigureAwait(false);
                using var stream = new NetworkStream(socket, ownsSocket: false);
                await ServeAsync(stream, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or IOException or EndOfStreamException)
            {
                Reconnects++;
                await Task.Delay(RetryPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(ConnectPacket(), cancellationToken).ConfigureAwait(false);
        byte[] answer = new byte[4];
        await ReadAsync(stream, answer, cancellationToken).ConfigureAwait(false);
        if (answer[0] != ConnAck || answer[3] != 0) throw new IOException($"CONNECT was answered with {Convert.ToHexString(answer)}.");
        _sent = _acknowledged; // everything in flight goes again
        while (_acknowledged < messages)
        {
            using (var burst = new MemoryStream())
            {
                for (; _sent < messages && _sent - _acknowledged < window; _sent++) AppendPublish(burst, _sent);
                if (burst.Length > 0) await stream.WriteAsync(burst.GetBuffer().AsMemory(0, (int)burst.Length), cancellationToken).ConfigureAwait(false);
            }
            await ReadAsync(stream, answer, cancellationToken).ConfigureAwait(false);
            // A broker acknowledges in the order in which the publishes came [MQTT-4.6.0-2].
            int expected = PacketId(_acknowledged), id = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(2));
            if (answer[0] != PubAck || answer[1] != 2 || id != expected) throw new InvalidDataException($"Expected the acknowledgement of {expected}, got {Convert.ToHexString(answer)}.");
            ledger.Acknowledge(client, _acknowledged);
            _acknowledged++;
        }
        await stream.WriteAsync(new byte[] { Disconnect, 0 }, cancellationToken).ConfigureAwait(false);
    }

    private static async Task ReadAsync(NetworkStream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(AnswerTimeout);
        try { await stream.ReadExactlyAsync(buffer, late.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { throw new TimeoutException($"The broker was silent for {AnswerTimeout}."); }
    }

    private static int PacketId(long sequence) => (int)(sequence % 65_535) + 1;

    private byte[] ConnectPacket()
    {
        byte[] id = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"crash-{client}"));
        byte[] head = [0x10, (byte)(12 + id.Length), 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2 /* clean session */, 0, 0 /* no keep-alive */, 0, (byte)id.Length];
        return [.. head, .. id];
    }

    private void AppendPublish(MemoryStream burst, long sequence)
    {
        byte[] payload = CrashMessage.Encode(client, sequence);
        int remaining = 2 + _topic.Length + 2 + payload.Length;
        burst.WriteByte(0x32); // PUBLISH, QoS 1
        for (; remaining > 127; remaining >>= 7) burst.WriteByte((byte)(remaining | 0x80));
        burst.WriteByte((byte)remaining);
        Span<byte> two = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(two, (ushort)_topic.Length);
        burst.Write(two);
        burst.Write(_topic);
        BinaryPrimitives.WriteUInt16BigEndian(two, (ushort)PacketId(sequence));
        burst.Write(two);
        burst.Write(payload);
    }
}
