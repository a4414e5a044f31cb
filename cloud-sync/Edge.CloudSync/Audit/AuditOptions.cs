namespace Edge.CloudSync.Audit;

/// <summary>What to audit at the centre.</summary>
public sealed record AuditOptions
{
    /// <summary>Addresses of the centre, <c>host:port</c>, comma-separated.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Central data topic.</summary>
    public string Topic { get; set; } = "";

    /// <summary>Only chains of this device; null = all.</summary>
    public string? Device { get; set; }

    /// <summary>Further client properties by librdkafka's names; see <see cref="ClientProperties"/>.</summary>
    public IReadOnlyDictionary<string, string> Client { get; set; } = new Dictionary<string, string>();

    /// <summary>The devices' own accounts. Without them a tail that never arrived cannot be told from one that was never written.</summary>
    public IReadOnlyList<ChainExpectation> Expected { get; set; } = [];

    /// <summary>Longest time without any answer of the centre. Default 30 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
