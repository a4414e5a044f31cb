using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Edge.Http;

/// <summary>Keeps a web page in someone's browser from reaching the appliance behind their back.</summary>
/// <remarks>
/// A page whose name was re-pointed at this address (DNS rebinding) gives its own name as Host: only localhost, addresses, the machine's own name and
/// <c>Http:AllowedHosts</c> are answered. A page elsewhere that posts gives its Origin: writes take only their own. The token of run.json passes both.
/// </remarks>
internal sealed class RequestGuard(HttpOptions options, string token)
{
    private readonly byte[] _token = Encoding.ASCII.GetBytes($"Bearer {token}");
    private readonly HashSet<string> _hosts = new([.. options.AllowedHosts, "localhost", Environment.MachineName, $"{Environment.MachineName}.local"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Null: go on. Otherwise the status and why.</summary>
    public (int Status, string Title, string Detail)? Refuse(HttpRequest request)
    {
        string? authorization = request.Headers.Authorization;
        if (authorization is not null)
        {
            return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization), _token)
                ? null : (401, "Unauthorized", "The token is not that of this appliance's run.json.");
        }
        string host = request.Host.Host;
        if (!IsAllowed(host))
            return (421, "Misdirected request", $"This appliance does not answer to the name '{host}'. Use localhost, its address, or add the name to Http:AllowedHosts.");
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) return null;
        string? origin = request.Headers.Origin, site = request.Headers["Sec-Fetch-Site"];
        bool isForeign = origin is not null && !origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
        return isForeign || site is "cross-site" or "same-site"
            ? (403, "Cross-origin write", "Writes are taken only from pages of this appliance itself.") : null;
    }

    private bool IsAllowed(string host) => host.Length > 0 && (_hosts.Contains(host) || IPAddress.TryParse(host.Trim('[', ']'), out _));
}
