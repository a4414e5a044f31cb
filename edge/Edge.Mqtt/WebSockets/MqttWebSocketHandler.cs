using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Edge.Mqtt.WebSockets;

/// <summary>MQTT over WebSocket on the HTTP port (<c>/mqtt</c>), for browsers. The same broker, rights and limits as on a socket of its own.</summary>
public sealed class MqttWebSocketHandler(MqttBroker broker)
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    // Newest first; the name of 3.1 is still what old libraries send.
    private static readonly string[] Protocols = ["mqtt", "mqttv3.1"];

    /// <summary>Takes the request over until the connection ends.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Upgrade = "websocket";
            await RefuseAsync(http, StatusCodes.Status426UpgradeRequired, "This is MQTT over WebSocket; connect with the subprotocol mqtt.").ConfigureAwait(false);
            return;
        }
        if (!IsSameOrigin(http.Request))
        {
            // A page of another site must not speak to the broker through its visitor's browser.
            await RefuseAsync(http, StatusCodes.Status403Forbidden, "The page is of another origin.").ConfigureAwait(false);
            return;
        }
        string? protocol = Array.Find(Protocols, http.WebSockets.WebSocketRequestedProtocols.Contains);
        if (protocol is null)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "The WebSocket subprotocol must be mqtt.").ConfigureAwait(false);
            return;
        }
        using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false);
        ConnectionInfo peer = http.Connection;
        WebSocketConnection connection = new(socket, peer.Id, peer.RemoteIpAddress, peer.RemotePort, http.Features);
        await using (connection.ConfigureAwait(false))
        {
            Task carrying = connection.RunAsync(http.RequestAborted);
            await broker.ServeAsync(connection).ConfigureAwait(false);
            // What is left goes out, then both sides say goodbye; who does not is cut off.
            try { await carrying.WaitAsync(CloseLimit).ConfigureAwait(false); }
            catch (TimeoutException) { connection.Abort(); }
            await carrying.ConfigureAwait(false);
        }
    }

    /// <summary>Programs send no Origin; a browser always does.</summary>
    private static bool IsSameOrigin(HttpRequest request)
    {
        string origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && string.Equals(uri.Authority, HostOf(request), StringComparison.OrdinalIgnoreCase));
    }

    private static string HostOf(HttpRequest request) => request.Host.Port is 80 or 443 ? request.Host.Host : request.Host.Value ?? "";

    private static Task RefuseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(reason);
    }
}
