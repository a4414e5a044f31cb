using System.Net;
using System.Net.Sockets;

namespace Edge.Host.Demo;

/// <summary>The wire between the appliance and the centre: a TCP proxy that can be cut, as a WAN is.</summary>
internal sealed class LinkProxy : IAsyncDisposable
{
    private const int MaxLinks = 64, BufferBytes = 64 << 10;

    private readonly object _gate = new();
    private readonly HashSet<Socket> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Binds a free port of the loopback address.</summary>
    public LinkProxy() => Listen(0);

    public int Port { get; private set; }

    /// <summary>Port of the loopback address behind it.</summary>
    public int UpstreamPort { get; set; }

    public bool IsUp
    {
        get { lock (_gate) return _listener is not null; }
    }

    /// <summary>Resets what is connected and refuses what comes.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
            foreach (Socket socket in _open) Reset(socket);
            _open.Clear();
        }
    }

    /// <summary>Takes connections again, on the same port.</summary>
    public void Restore()
    {
        lock (_gate)
            if (_listener is null) Listen(Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Cut();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(MaxLinks);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _listener = listener;
        _accepting = Task.Run(() => AcceptAsync(listener));
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket client;
            try { client = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false); }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { return; }
            var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            lock (_gate)
            {
                if (_listener != listener || _open.Count >= 2 * MaxLinks)
                {
                    Reset(client);
                    Reset(upstream);
                    continue;
                }
                _open.Add(client);
                _open.Add(upstream);
            }
            _ = ServeAsync(client, upstream); // ends when either side does; Cut resets both
        }
    }

    private async Task ServeAsync(Socket client, Socket upstream)
    {
        try
        {
            client.NoDelay = upstream.NoDelay = true;
            await upstream.ConnectAsync(new IPEndPoint(IPAddress.Loopback, UpstreamPort), _stop.Token).ConfigureAwait(false);
            await Task.WhenAny(PumpAsync(client, upstream), PumpAsync(upstream, client)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { }
        lock (_gate)
        {
            _open.Remove(client);
            _open.Remove(upstream);
        }
        client.Dispose();
        upstream.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _stop.Token).ConfigureAwait(false) is > 0 and int read)
                for (int sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0); // a reset, as a cut line gives in the end; not an orderly goodbye
            socket.Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { }
    }
}
