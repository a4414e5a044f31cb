using System.Net;
using System.Net.Sockets;

namespace Edge.Testing.Network;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class FaultProxyLink(FaultProxy proxy, Socket client) : IDisposable
{
    private readonly Socket _upstream = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private long _fromClient, _toClient;

    /// <summary>Both sides see a reset, not an orderly end.</summary>
    public void Reset()
    {
        foreach (Socket socket in new[] { client, _upstream })
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException) { }
        }
    }

    public void Dispose() => Reset();

    public async Task RunAsync()
    {
        try
        {
            client.NoDelay = _upstream.NoDelay = true;
            await _upstream.ConnectAsync(new IPEndPoint(IPAddress.Loopback, proxy.UpstreamPort)).ConfigureAwait(false);
            Task there = PumpAsync(client, _upstream, isFromClient: true), back = PumpAsync(_upstream, client, isFromClient: false);
            await Task.WhenAny(there, back).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { }
        Reset();
    }

    private async Task PumpAsync(Socket from, Socket to, bool isFromClient)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false) is > 0 and int read)
            {
                await proxy.PassAsync(isFromClient).ConfigureAwait(false);
                if (!isFromClient && proxy.ResetAfterAnswerBytes > 0 && (_toClient += read) >= proxy.ResetAfterAnswerBytes)
                {
                    await SendAllAsync(to, buffer.AsMemory(0, read / 2)).ConfigureAwait(false);
                    Reset();
                    return;
                }
                int step = proxy.OneByteAtATime ? 1 : read;
                for (int at = 0; at < read; at += step) await SendAllAsync(to, buffer.AsMemory(at, Math.Min(step, read - at))).ConfigureAwait(false);
                if (isFromClient && proxy.ResetAfterBytes > 0 && (_fromClient += read) >= proxy.ResetAfterBytes) return;
            }
            to.Shutdown(SocketShutdown.Send); // what is on its way still arrives
            await Task.Delay(50).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { }
    }

    private static async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await to.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
    }
}
