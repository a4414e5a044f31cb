using System.Net;
using System.Net.Sockets;

namespace Edge.Testing.Network;

/// <summary>A TCP proxy on the loopback address that does to a link what networks do.</summary>
/// <remarks>Settings take effect at once, on connections that are open too. Thread-safe.</remarks>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly HashSet<FaultProxyLink> _links = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private Socket? _listener;
    private long _accepted;

    /// <param name="upstreamPort">Port of the loopback address behind it; see <see cref="UpstreamPort"/>.</param>
    public FaultProxy(int upstreamPort)
    {
        UpstreamPort = upstreamPort;
        Listen(0);
        Port = ((IPEndPoint)_listener!.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>May change: new connections go to the new one.</summary>
    public int UpstreamPort { get; set; }

    /// <summary>Takes bytes and connections and passes nothing on, in either direction.</summary>
    public bool Blackhole { get; set; }

    /// <summary>Half-open: what the client sends arrives, what comes back is lost.</summary>
    public bool SwallowAnswers { get; set; }

    /// <summary>Resets a connection in the middle of an answer, after this many bytes of its answers; 0 = never.</summary>
    public long ResetAfterAnswerBytes { get; set; }

    /// <summary>Waits this long before each piece is passed on.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Resets a connection after this many bytes of the client's; 0 = never.</summary>
    public long ResetAfterBytes { get; set; }

    /// <summary>Passes on one byte at a time.</summary>
    public bool OneByteAtATime { get; set; }

    /// <summary>Connections taken so far.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Resets every connection and refuses new ones until <see cref="Restore"/>.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
        }
        ResetAll();
    }

    /// <summary>Takes connections again, on the same port.</summary>
    public void Restore()
    {
        lock (_gate)
            if (_listener is null) Listen(Port);
    }

    /// <summary>Resets the connections there are; new ones are taken.</summary>
    public void ResetAll()
    {
        FaultProxyLink[] links;
        lock (_gate) links = [.. _links];
        foreach (FaultProxyLink link in links) link.Reset();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Cut();
        Task[] running;
        lock (_gate) running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Waits while the link swallows everything.</summary>
    internal async Task PassAsync(bool isFromClient)
    {
        if (Delay > TimeSpan.Zero) await Task.Delay(Delay, _stop.Token).ConfigureAwait(false);
        while (Blackhole || SwallowAnswers && !isFromClient) await Task.Delay(20, _stop.Token).ConfigureAwait(false);
    }

    private void Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        _listener = listener;
        _running.RemoveAll(static task => task.IsCompleted);
        _running.Add(Task.Run(() => AcceptAsync(listener)));
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket client;
            try { client = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false); }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { return; }
            Interlocked.Increment(ref _accepted);
            var link = new FaultProxyLink(this, client);
            lock (_gate)
            {
                if (_listener != listener)
                {
                    link.Reset();
                    continue;
                }
                _links.Add(link);
                _running.RemoveAll(static task => task.IsCompleted);
                _running.Add(Task.Run(() => ServeAsync(link)));
            }
        }
    }

    private async Task ServeAsync(FaultProxyLink link)
    {
        try { await link.RunAsync().ConfigureAwait(false); }
        finally
        {
            lock (_gate) _links.Remove(link);
        }
    }
}
