using Edge.Mqtt.Security;

namespace Edge.Mqtt;

/// <summary>Settings of the MQTT broker (<c>Mqtt:*</c>).</summary>
public sealed record MqttOptions
{
    /// <summary>Most topic aliases a client may set on a connection.</summary>
    public const int TopicAliasMaximum = 16;

    /// <summary>TCP port for plain MQTT; 0 = any free one. Default 1883.</summary>
    public int Port { get; set; } = 1883;

    /// <summary>Address the plain listener binds. Default loopback; wider needs <see cref="UnsafePlaintext"/>.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>TCP port for MQTT over TLS, on all addresses; 0 = any free one, -1 = none. Default 8883; used once a certificate exists.</summary>
    public int TlsPort { get; set; } = 8883;

    /// <summary>Refuses TLS clients without a certificate; with false they log in by password.</summary>
    public bool RequireClientCertificate { get; set; }

    /// <summary>Whether clients without a user name are let in. Default: those of this machine.</summary>
    public MqttAnonymous Anonymous { get; set; }

    /// <summary>Allows the plain listener on addresses other than loopback: passwords and data cross the network readable.</summary>
    public bool UnsafePlaintext { get; set; }

    /// <summary>Largest packet accepted, fixed header included. Bytes, 1 KiB to 16 MiB. Default 900 KiB.</summary>
    public int MaxPacketBytes { get; set; } = 900 << 10;

    /// <summary>Most connections at once. 0 = the smaller of 10 000 and 8 per MiB of memory (default).</summary>
    public int MaxConnections { get; set; }

    /// <summary>New connections a second from one address; loopback is exempt. 1 to 100 000. Default 50.</summary>
    public int MaxNewConnectionsPerSecond { get; set; } = 50;

    /// <summary>Longest keep-alive granted to MQTT 5 clients; 3.1.1 is honoured as sent. 5 s to 65 535 s. Default 300 s.</summary>
    public TimeSpan MaxKeepAlive { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>Publishes of QoS 1 and 2 one client may have unacknowledged. 1 to 65 535. Default 65 535; <c>Ingest:MaxInFlightBytes</c> bounds their bytes.</summary>
    public int ReceiveMaximum { get; set; } = 65_535;

    /// <summary>Most levels of a topic. 1 to 200. Default 32.</summary>
    public int MaxTopicLevels { get; set; } = 32;

    /// <summary>Longest topic. Bytes, 16 to 65 535. Default 1 KiB.</summary>
    public int MaxTopicBytes { get; set; } = 1024;

    /// <summary>Most retained messages. Default 10 000.</summary>
    public int MaxRetained { get; set; } = 10_000;

    /// <summary>Most bytes of retained messages. Default 16 MiB.</summary>
    public long MaxRetainedBytes { get; set; } = 16L << 20;

    /// <summary>Most subscriptions one client may hold. Default 100.</summary>
    public int MaxSubscriptions { get; set; } = 100;

    /// <summary>Most sessions that are kept for clients that are away. Default 10 000.</summary>
    public int MaxSessions { get; set; } = 10_000;

    /// <summary>Messages of QoS 1 and 2 under way to one subscriber. 1 to 65 535. Default 200.</summary>
    public int MaxInFlightOut { get; set; } = 200;

    /// <summary>How often the position of a session that takes QoS 1 is saved: what a crash can send twice. 100 ms to 1 h. Default 5 s.</summary>
    public TimeSpan SessionSaveInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most <c>$replay</c> subscriptions of one client. 0: none. Default 4.</summary>
    public int MaxReplays { get; set; } = 4;

    /// <summary>PUBLISH packets one client may send a second, with a burst of one second; above it the client is read no further. 0: no quota (default).</summary>
    public int MaxMessagesPerSecond { get; set; }

    /// <summary>Bytes one client may send a second, with a burst of one second. 0: no quota (default).</summary>
    public long MaxBytesPerSecond { get; set; }

    /// <summary>The bound on connections in effect.</summary>
    public int EffectiveMaxConnections => MaxConnections > 0
        ? MaxConnections
        : (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 20) * 8, 16, 10_000);

    /// <summary>Every problem at once, so an operator edits the file once. The host refuses to start on any.</summary>
    public IEnumerable<string> Validate()
    {
        if (Port is < 0 or > 65_535) yield return $"Mqtt:Port is {Port}; use 0 (any free port) to 65535.";
        if (TlsPort is < -1 or > 65_535) yield return $"Mqtt:TlsPort is {TlsPort}; use 0 (any free port) to 65535, or -1 (none).";
        if (!System.Net.IPAddress.TryParse(BindAddress, out System.Net.IPAddress? address))
            yield return $"Mqtt:BindAddress is '{BindAddress}'; use an IPv4 or IPv6 address.";
        else if (!System.Net.IPAddress.IsLoopback(address) && !UnsafePlaintext)
            yield return $"Mqtt:BindAddress is {BindAddress}, which other machines reach; use a loopback address, or set Mqtt:UnsafePlaintext to true.";
        if (MaxPacketBytes is < 1024 or > 16 << 20) yield return $"Mqtt:MaxPacketBytes is {MaxPacketBytes}; use 1024 to 16777216.";
        if (MaxConnections < 0) yield return $"Mqtt:MaxConnections is {MaxConnections}; use 0 (by memory) or more.";
        if (MaxNewConnectionsPerSecond is < 1 or > 100_000) yield return $"Mqtt:MaxNewConnectionsPerSecond is {MaxNewConnectionsPerSecond}; use 1 to 100000.";
        if (MaxKeepAlive.TotalSeconds is < 5 or > 65_535) yield return $"Mqtt:MaxKeepAlive is {MaxKeepAlive}; use 5 s to 65535 s.";
        if (ReceiveMaximum is < 1 or > 65_535) yield return $"Mqtt:ReceiveMaximum is {ReceiveMaximum}; use 1 to 65535.";
        if (MaxTopicLevels is < 1 or > 200) yield return $"Mqtt:MaxTopicLevels is {MaxTopicLevels}; use 1 to 200.";
        if (MaxTopicBytes is < 16 or > 65_535) yield return $"Mqtt:MaxTopicBytes is {MaxTopicBytes}; use 16 to 65535.";
        if (MaxRetained < 0) yield return $"Mqtt:MaxRetained is {MaxRetained}; use 0 or more.";
        if (MaxRetainedBytes < 0) yield return $"Mqtt:MaxRetainedBytes is {MaxRetainedBytes}; use 0 or more.";
        if (MaxSubscriptions < 1) yield return $"Mqtt:MaxSubscriptions is {MaxSubscriptions}; use 1 or more.";
        if (MaxSessions < 0) yield return $"Mqtt:MaxSessions is {MaxSessions}; use 0 or more.";
        if (MaxMessagesPerSecond < 0) yield return $"Mqtt:MaxMessagesPerSecond is {MaxMessagesPerSecond}; use 0 (no quota) or more.";
        if (MaxBytesPerSecond < 0) yield return $"Mqtt:MaxBytesPerSecond is {MaxBytesPerSecond}; use 0 (no quota) or more.";
        if (SessionSaveInterval.TotalMilliseconds is < 100 or > 3_600_000) yield return $"Mqtt:SessionSaveInterval is {SessionSaveInterval}; use 100 ms to 1 h.";
        if (MaxReplays is < 0 or > 1000) yield return $"Mqtt:MaxReplays is {MaxReplays}; use 0 to 1000.";
        if (MaxInFlightOut is < 1 or > 65_535) yield return $"Mqtt:MaxInFlightOut is {MaxInFlightOut}; use 1 to 65535.";
    }
}
