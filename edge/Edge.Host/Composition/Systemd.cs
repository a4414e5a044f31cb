using System.Net.Sockets;
using System.Text;

namespace Edge.Host.Composition;

/// <summary>Tells systemd about ready and stopping (<c>Type=notify</c>). Source: sd_notify(3).</summary>
internal static class Systemd
{
    public static void Notify(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } path) return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // nobody listens: the service starts without
        }
    }
}
