using System.Net;
using System.Net.Sockets;

namespace Edge.Testing.Network;

/// <summary>TCP ports of the loopback address nobody uses.</summary>
public static class FreePort
{
    /// <summary>A port that was free just now. Prefer port 0 where the program reports what it bound.</summary>
    public static int Take()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
