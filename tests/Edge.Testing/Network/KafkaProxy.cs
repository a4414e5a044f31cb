using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Edge.Testing.Network;

/// <summary>A TCP proxy on the loopback address that knows where a Kafka request begins and ends, and can deliver one long after its connection was given up.</summary>
/// <remarks>That is what a kernel does that goes on retransmitting for a closed socket. The broker behind it must advertise <see cref="Port"/>. Thread-safe.</remarks>
public sealed class KafkaProxy : IAsyncDisposable
{
    /// <summary>API keys of the requests that matter to transactions.</summary>
    public const short Produce = 0, AddPartitionsToTransaction = 24, EndTransaction = 26;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly object _gate = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _running = [];
    private (Socket Upstream, byte[] Frame)? _held;
    private short _holdNext = -1;

    public KafkaProxy()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _running.Add(Task.Run(AcceptAsync));
    }

    public int Port { get; }

    /// <summary>Port of the loopback address behind it.</summary>
    public int UpstreamPort { get; set; }

    /// <summary>Called with the API key before each request is passed on; the request waits for it.</summary>
    public Func<short, Task>? BeforeRequest { get; set; }

    /// <summary>True once a request was taken out of its connection by <see cref="HoldNext"/>.</summary>
    public bool IsHolding { get { lock (_gate) return _held is not null; } }

    /// <summary>The next request with that API key is not passed on: the client's connection is reset, the request kept.</summary>
    public void HoldNext(short apiKey)
    {
        lock (_gate) _holdNext = apiKey;
    }

    /// <summary>Delivers the kept request on its old connection to the broker and waits for the answer, which nobody gets.</summary>
    /// <returns>The answer's bytes behind its length; empty when the broker closed the connection.</returns>
    public async Task<byte[]> DeliverHeldAsync()
    {
        (Socket upstream, byte[] frame) = _held ?? throw new InvalidOperationException("No request is held.");
        lock (_gate) _held = null;
        await SendAsync(upstream, frame).ConfigureAwait(false);
        byte[] answer = await ReadFrameAsync(upstream).ConfigureAwait(false) ?? [];
        upstream.Dispose();
        return answer.Length < 4 ? [] : answer[4..];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        Task[] running;
        lock (_gate)
        {
            foreach (Socket socket in _sockets) socket.Dispose();
            running = [.. _running];
        }
        await Task.WhenAll(running).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try { client = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false); }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { return; }
            lock (_gate)
            {
                _sockets.Add(client);
                _running.Add(Task.Run(() => ServeAsync(client)));
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lock (_gate) _sockets.Add(upstream);
        bool isKept = false;
        try
        {
            client.NoDelay = upstream.NoDelay = true;
            await upstream.ConnectAsync(new IPEndPoint(IPAddress.Loopback, UpstreamPort), _stop.Token).ConfigureAwait(false);
            using var answers = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Task back = PumpAsync(upstream, client, answers.Token);
            isKept = await PassRequestsAsync(client, upstream).ConfigureAwait(false);
            await answers.CancelAsync().ConfigureAwait(false);
            await back.ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { }
        client.Dispose();
        if (!isKept) upstream.Dispose();
    }

    /// <returns>True when the connection to the broker lives on because a request is kept for it.</returns>
    private async Task<bool> PassRequestsAsync(Socket client, Socket upstream)
    {
        while (await ReadFrameAsync(client).ConfigureAwait(false) is { } frame)
        {
            short apiKey = frame.Length >= 6 ? BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(4)) : (short)-1;
            lock (_gate)
            {
                if (apiKey == _holdNext)
                {
                    (_holdNext, _held) = (-1, (upstream, frame));
                    client.LingerState = new LingerOption(true, 0);
                    client.Dispose(); // a reset, as when the link was cut
                    return true;
                }
            }
            if (BeforeRequest is { } before) await before(apiKey).ConfigureAwait(false);
            await SendAsync(upstream, frame).ConfigureAwait(false);
        }
        return false;
    }

    private static async Task PumpAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false) is > 0 and int read) await SendAsync(to, buffer.AsMemory(0, read)).ConfigureAwait(false);
            to.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { }
    }

    /// <summary>A whole request with its length; null at the end of the connection.</summary>
    private static async Task<byte[]?> ReadFrameAsync(Socket from)
    {
        byte[] length = new byte[4];
        if (!await FillAsync(from, length).ConfigureAwait(false)) return null;
        byte[] frame = new byte[4 + BinaryPrimitives.ReadInt32BigEndian(length)];
        length.CopyTo(frame, 0);
        return await FillAsync(from, frame.AsMemory(4)).ConfigureAwait(false) ? frame : null;
    }

    private static async Task<bool> FillAsync(Socket from, Memory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int read = await from.ReceiveAsync(bytes, SocketFlags.None).ConfigureAwait(false);
            if (read == 0) return false;
            bytes = bytes[read..];
        }
        return true;
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await to.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
    }
}
