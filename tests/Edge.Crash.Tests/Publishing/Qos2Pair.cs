using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;

namespace Edge.Crash.Tests.Publishing;

/// <summary>A publisher and a subscriber of QoS 2 that keep their own state over every loss of the connection, as the specification asks of a client.</summary>
internal sealed class Qos2Pair(int port, string name, int messages, int window)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private readonly SortedDictionary<long, bool> _pending = []; // sequence -> PUBREC was received
    private readonly HashSet<int> _held = [];
    private long _next, _completed;

    /// <summary>What the subscriber took, in order.</summary>
    public ConcurrentQueue<long> Received { get; } = new();

    public long Completed => Interlocked.Read(ref _completed);

    public int Reconnects { get; private set; }

    public string LastError { get; private set; } = "";

    private string Topic => $"crash2/{name}";

    /// <summary>Makes the subscription, so that nothing is published before it.</summary>
    public async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        using var link = new Qos2Link();
        await link.ConnectAsync(port, $"sub-{name}", cancellationToken);
        byte[] topic = System.Text.Encoding.UTF8.GetBytes(Topic);
        await link.SendAsync(new byte[] { 0x82, (byte)(5 + topic.Length), 0, 1, 0, (byte)topic.Length }.Concat(topic).Append((byte)2).ToArray(), cancellationToken);
        if (await link.ReadAsync(cancellationToken) is not (0x90, [0, 1, 2])) throw new IOException("SUBSCRIBE was not granted QoS 2.");
    }

    public Task PublishAsync(CancellationToken cancellationToken) => AgainAsync($"pub-{name}", () => Completed >= messages, PublishOnAsync, cancellationToken);

    public Task TakeAsync(CancellationToken cancellationToken) => AgainAsync($"sub-{name}", () => Received.Count >= messages && _held.Count == 0, TakeOnAsync, cancellationToken);

    private async Task AgainAsync(string clientId, Func<bool> isDone, Func<Qos2Link, CancellationToken, Task> serve, CancellationToken cancellationToken)
    {
        bool wasThere = clientId.StartsWith("sub-", StringComparison.Ordinal);
        while (!isDone())
        {
            try
            {
                using var link = new Qos2Link();
                await link.ConnectAsync(port, clientId, cancellationToken);
                if (wasThere && !link.SessionPresent) throw new InvalidDataException($"The broker forgot the session of {clientId}.");
                wasThere = true;
                await serve(link, cancellationToken);
            }
            catch (Exception e) when (e is SocketException or IOException or EndOfStreamException)
            {
                Reconnects++;
                LastError = $"{clientId}: {e.Message}; {Completed} published, {Received.Count} received, {_held.Count} held";
                await Task.Delay(RetryPause, cancellationToken);
            }
        }
    }

    private async Task PublishOnAsync(Qos2Link link, CancellationToken cancellationToken)
    {
        foreach ((long sequence, bool isReceived) in _pending)
            await link.SendAsync(isReceived ? Qos2Link.Answer(0x62, PacketId(sequence)) : Qos2Link.Publish(Topic, CrashMessage.Encode(0, sequence), PacketId(sequence), isRepetition: true), cancellationToken);
        while (Completed < messages)
        {
            for (; _next < messages && _pending.Count < window; _next++)
            {
                _pending[_next] = false;
                await link.SendAsync(Qos2Link.Publish(Topic, CrashMessage.Encode(0, _next), PacketId(_next), isRepetition: false), cancellationToken);
            }
            (byte first, byte[] body) = await link.ReadAsync(cancellationToken);
            long sequence = _pending.Keys.First(s => PacketId(s) == Qos2Link.IdOf(body));
            if (first == 0x50)
            {
                _pending[sequence] = true;
                await link.SendAsync(Qos2Link.Answer(0x62, PacketId(sequence)), cancellationToken);
            }
            else if (first == 0x70)
            {
                _pending.Remove(sequence);
                Interlocked.Increment(ref _completed);
            }
            else throw new InvalidDataException($"The publisher got {first:x2}.");
        }
    }

    private async Task TakeOnAsync(Qos2Link link, CancellationToken cancellationToken)
    {
        while (Received.Count < messages || _held.Count > 0)
        {
            (byte first, byte[] body) = await link.ReadAsync(cancellationToken);
            if (first == 0x62)
            {
                await link.SendAsync(Qos2Link.Answer(0x70, Qos2Link.IdOf(body)), cancellationToken);
                _held.Remove(Qos2Link.IdOf(body));
                continue;
            }
            if ((first & 0xf6) != 0x34) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The subscriber got {first:x2}."));
            int at = 2 + Qos2Link.IdOf(body), id = Qos2Link.IdOf(body[at..]);
            if (_held.Add(id)) Received.Enqueue(CrashMessage.Decode(body.AsSpan(at + 2)).Sequence);
            await link.SendAsync(Qos2Link.Answer(0x50, id), cancellationToken);
        }
    }

    // Few ids, so that they are used again and again.
    private int PacketId(long sequence) => (int)(sequence % (window * 4)) + 1;
}
