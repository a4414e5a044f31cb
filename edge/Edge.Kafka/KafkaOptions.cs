using System.Globalization;

namespace Edge.Kafka;

/// <summary>Settings of the Kafka listener (section <c>Kafka</c>).</summary>
public sealed record KafkaOptions
{
    /// <summary>TCP port; 0 = any free one. Default 9092.</summary>
    public int Port { get; set; } = 9092;

    /// <summary>Address to listen on. Default loopback.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary><c>host</c> or <c>host:port</c> that clients are told to connect to. Empty (default) = the address and port the client connected to.</summary>
    public string AdvertisedHost { get; set; } = "";

    /// <summary>Create a missing topic when a client asks for its metadata and allows it. Default true.</summary>
    public bool AutoCreateTopics { get; set; } = true;

    /// <summary>Allows plain text on an address wider than loopback.</summary>
    public bool UnsafePlaintext { get; set; }

    /// <summary>Stable name of the cluster. Empty = the journal's device id.</summary>
    public string ClusterId { get; set; } = "";

    /// <summary>Broker id of this node. Default 1.</summary>
    public int NodeId { get; set; } = 1;

    /// <summary>Connections at a time; further ones are closed at once and counted. Default 1024.</summary>
    public int MaxConnections { get; set; } = 1024;

    /// <summary>Largest request. Bytes. Default 16 MiB.</summary>
    public int MaxRequestBytes { get; set; } = 16 << 20;

    /// <summary>Bytes of requests and responses held at a time, over all connections. Default 64 MiB.</summary>
    public int MaxInFlightBytes { get; set; } = 64 << 20;

    /// <summary>Bytes of unanswered requests of one connection; more are not read before an answer. Default 16 MiB.</summary>
    public int MaxInFlightBytesPerConnection { get; set; } = 16 << 20;

    /// <summary>Requests of one connection under way at a time. Default 32.</summary>
    public int MaxInFlightRequests { get; set; } = 32;

    /// <summary>Most record bytes one fetch response carries, whatever the client asks. Default 4 MiB.</summary>
    public int MaxFetchBytes { get; set; } = 4 << 20;

    /// <summary>Largest records section of a compressed batch after decompression. Bytes. Default 16 MiB.</summary>
    public int MaxDecompressedBytes { get; set; } = 16 << 20;

    /// <summary>A connection without a request is closed after this time. Default 10 min.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A begun request must be complete, and a piece of a response be taken, within this time. Default 30 s.</summary>
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Consumer groups with members at a time. Default 1000.</summary>
    public int MaxGroups { get; set; } = 1000;

    /// <summary>Members of one consumer group. Default 250.</summary>
    public int MaxGroupMembers { get; set; } = 250;

    /// <summary>Committed offsets kept, over all groups. Default 100 000.</summary>
    public int MaxCommittedOffsets { get; set; } = 100_000;

    /// <summary>How long an empty group waits for more members before its first generation. Default 250 ms.</summary>
    public TimeSpan GroupInitialRebalanceDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Shortest session time-out a consumer may ask for. Default 1 s.</summary>
    public TimeSpan GroupMinSessionTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest session time-out a consumer may ask for. Default 30 min.</summary>
    public TimeSpan GroupMaxSessionTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Longest time-out a transactional producer may ask for. Default 15 min.</summary>
    public TimeSpan TransactionMaxTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Transactional ids known at a time. Default 10 000.</summary>
    public int MaxTransactionalIds { get; set; } = 10_000;

    /// <summary>At the bound of ids, one that was not used for this long is forgotten. Default 7 days.</summary>
    public TimeSpan TransactionalIdExpiration { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Every problem at once. The host refuses to start on any.</summary>
    public IEnumerable<string> Validate()
    {
        if (Port is < 0 or > 65535) yield return $"Kafka:Port is {Port}; use 0 (any free port) to 65535.";
        if (AdvertisedHost.Length > 0 && !TryParseHost(AdvertisedHost, out _, out _))
            yield return $"Kafka:AdvertisedHost is '{AdvertisedHost}'; use host, host:port, [IPv6] or [IPv6]:port.";
        if (NodeId < 0) yield return $"Kafka:NodeId is {NodeId}; use 0 or more.";
        if (MaxConnections < 1) yield return $"Kafka:MaxConnections is {MaxConnections}; use 1 or more.";
        if (MaxRequestBytes is < 1 << 16 or > 1 << 28) yield return $"Kafka:MaxRequestBytes is {MaxRequestBytes}; use 65536 to 268435456.";
        if (MaxInFlightBytes < MaxRequestBytes) yield return $"Kafka:MaxInFlightBytes ({MaxInFlightBytes}) is smaller than Kafka:MaxRequestBytes ({MaxRequestBytes}).";
        if (MaxInFlightBytes < MaxFetchBytes) yield return $"Kafka:MaxInFlightBytes ({MaxInFlightBytes}) is smaller than Kafka:MaxFetchBytes ({MaxFetchBytes}).";
        if (MaxInFlightBytesPerConnection < 1) yield return $"Kafka:MaxInFlightBytesPerConnection is {MaxInFlightBytesPerConnection}; use 1 or more.";
        if (MaxInFlightRequests is < 1 or > 1024) yield return $"Kafka:MaxInFlightRequests is {MaxInFlightRequests}; use 1 to 1024.";
        if (MaxFetchBytes < 1 << 16) yield return $"Kafka:MaxFetchBytes is {MaxFetchBytes}; use 65536 or more.";
        if (IdleTimeout <= TimeSpan.Zero) yield return $"Kafka:IdleTimeout is {IdleTimeout}; use more than 0.";
        if (TransferTimeout <= TimeSpan.Zero) yield return $"Kafka:TransferTimeout is {TransferTimeout}; use more than 0.";
        if (TransactionMaxTimeout <= TimeSpan.Zero) yield return $"Kafka:TransactionMaxTimeout is {TransactionMaxTimeout}; use more than 0.";
        if (MaxTransactionalIds < 1) yield return $"Kafka:MaxTransactionalIds is {MaxTransactionalIds}; use 1 or more.";
        if (GroupMinSessionTimeout > GroupMaxSessionTimeout) yield return "Kafka:GroupMinSessionTimeout is above Kafka:GroupMaxSessionTimeout.";
    }

    /// <summary>Splits <c>host</c>, <c>host:port</c>, <c>[v6]</c>, <c>[v6]:port</c> or a bare IPv6 address.</summary>
    /// <param name="port">0 when none is given.</param>
    public static bool TryParseHost(string text, out string host, out int port)
    {
        (host, port) = (text, 0);
        int colon = text.LastIndexOf(':');
        bool bracketed = text.StartsWith('[');
        if (bracketed && text.IndexOf(']') is var end && end > 1)
        {
            host = text[1..end];
            if (end == text.Length - 1) return true;
            if (colon != end + 1) return false;
        }
        else if (bracketed)
        {
            return false;
        }
        else if (colon < 0 || text.IndexOf(':') != colon)
        {
            return text.Length is > 0 and <= 253 && !text.Contains(' ');
        }
        else
        {
            host = text[..colon];
        }
        return host.Length is > 0 and <= 253 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
    }
}
