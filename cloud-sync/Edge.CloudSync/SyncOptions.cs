using System.Text.RegularExpressions;
using Edge.CloudSync.Forwarding;

namespace Edge.CloudSync;

/// <summary>Settings of the forwarder to the centre (<c>Sync:…</c>).</summary>
public sealed partial record SyncOptions
{
    public const string ExactlyOnce = "exactly-once", AtLeastOnce = "at-least-once";

    /// <summary>False keeps everything local. Nothing is forwarded either while <see cref="BootstrapServers"/> is empty.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Addresses of the centre, <c>host:port</c>, comma-separated. Empty: no centre.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary><c>exactly-once</c> (default): in transactions, with the cursors at the centre. <c>at-least-once</c>: for a centre without transactions; never chosen by itself.</summary>
    public string Delivery { get; set; } = ExactlyOnce;

    /// <summary>Template of the central topic: <c>{topic}</c>, <c>{device}</c>, <c>{site}</c>. Characters Kafka does not allow become <c>_</c>.</summary>
    public string Topic { get; set; } = "{topic}";

    /// <summary>Template of the central key: <c>{key}</c>, <c>{device}</c>, <c>{site}</c>, <c>{topic}</c>. A record without a key gets the device.</summary>
    public string Key { get; set; } = "{device}/{key}";

    /// <summary>Value of <c>{site}</c>; the host gives it <c>Device:Site</c>.</summary>
    public string Site { get; set; } = "";

    /// <summary>Topics to forward, with <c>*</c> and <c>?</c>. Empty: all.</summary>
    public IReadOnlyList<string> Include { get; set; } = [];

    /// <summary>Topics never forwarded, with <c>*</c> and <c>?</c>; wins over <see cref="Include"/>.</summary>
    public IReadOnlyList<string> Exclude { get; set; } = [];

    /// <summary>Make missing central topics. False: their partitions pause with an alarm.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>Replication factor of topics made here. 0 (default) = min(3, brokers).</summary>
    public int ReplicationFactor { get; set; }

    /// <summary>Partitions of topics made here. Default 12.</summary>
    public int Partitions { get; set; } = 12;

    /// <summary>retention.ms of topics made here. Default 30 days.</summary>
    public TimeSpan RetentionTime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long new records gather before they are sent; a backlog is not held back. Default 1 s.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes that end the gathering before <see cref="Linger"/> is over, and the most one produce request holds. Default 1 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 1 << 20;

    /// <summary>Most bytes of one transaction while a backlog is caught up. Default 8 MiB.</summary>
    public int CatchUpBytes { get; set; } = 8 << 20;

    /// <summary>How long the centre keeps a transaction open that hears nothing more. Readers of the centre wait that long behind a dead appliance. Default 30 s.</summary>
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What to do when the centre lost the cursors: <c>halt</c> (default), <c>resume-local</c> (may lose or repeat what was under way) or <c>replay</c> (repeats everything).</summary>
    public string CursorLost { get; set; } = "halt";

    /// <summary>What to do with records older than the central topic's retention.ms, which may delete them on arrival: <c>send</c> (default) with a loud event, or <c>hold</c>.</summary>
    public string StaleBacklog { get; set; } = "send";

    /// <summary>How often the appliance tells the centre how it is (<c>edge.fleet</c>); 0 = never. Default 30 s.</summary>
    public TimeSpan FleetInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest record sent. Bytes, key, value and headers. What is larger goes to <c>edge.deadletter</c> as a pointer. Default 1 000 000.</summary>
    public int MessageMaxBytes { get; set; } = 1_000_000;

    /// <summary>Most bytes handed to the client and not confirmed yet. Default 8 MiB.</summary>
    public int MaxInFlightBytes { get; set; } = 8 << 20;

    /// <summary>Most records handed to the client and not confirmed yet. Default 50 000.</summary>
    public int MaxInFlightRecords { get; set; } = 50_000;

    /// <summary>First pause between two probes of an absent centre; doubled each time, with full jitter. Default 1 s.</summary>
    public TimeSpan BackoffMin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause between two probes. Default 60 s.</summary>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often positions are made durable while records flow. Default 1 s: what a crash can send twice.</summary>
    public TimeSpan CursorInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a request may take before its connection is given up. Twice this without a confirmation rebuilds the producer. Default 20 s.</summary>
    public TimeSpan SocketTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a partition refused by the centre is tried again. Default 30 s.</summary>
    public TimeSpan RetryPausedAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often partition counts are asked for anew. Default 5 min.</summary>
    public TimeSpan MetadataRefresh { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary><c>none</c>, <c>gzip</c>, <c>snappy</c>, <c>lz4</c> or <c>zstd</c> (default).</summary>
    public string Compression { get; set; } = "zstd";

    /// <summary>Further librdkafka properties (TLS, SASL) by their own names. Never logged.</summary>
    public IReadOnlyDictionary<string, string> Client { get; set; } = new Dictionary<string, string>();

    /// <summary>Files that hold the value of a librdkafka property (<c>sasl.password</c>, <c>ssl.key.password</c>, …). A name without a slash is a systemd credential. Read anew for each
    /// client, so a rotated secret needs no restart; never logged.</summary>
    public IReadOnlyDictionary<string, string> ClientFiles { get; set; } = new Dictionary<string, string>();

    /// <summary>The centre did not answer what it keeps: it is not asked again by this process.</summary>
    internal bool IsRetentionUnknown { get; set; }

    /// <summary>Where a secret lies.</summary>
    internal static string PathOf(string nameOrPath) => nameOrPath.Contains('/', StringComparison.Ordinal) ? nameOrPath
        : Path.Combine(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") ?? "/run/credentials", nameOrPath);

    /// <summary>True when there is somewhere to forward to.</summary>
    public bool IsActive => Enabled && BootstrapServers.Length > 0;

    [GeneratedRegex(@"\A[^\s:,]+:\d{1,5}(\s*,\s*[^\s:,]+:\d{1,5})*\z|\A(\[[0-9a-fA-F:.]+\]:\d{1,5})(\s*,\s*\[[0-9a-fA-F:.]+\]:\d{1,5})*\z")]
    private static partial Regex BootstrapForm();

    /// <summary>Every problem at once. The host refuses to start on any.</summary>
    public IEnumerable<string> Validate()
    {
        if (BootstrapServers.Length > 0 && !BootstrapForm().IsMatch(BootstrapServers))
            yield return $"Sync:BootstrapServers is '{BootstrapServers}'; use host:port, several separated by commas.";
        if (Delivery is not (ExactlyOnce or AtLeastOnce)) yield return $"Sync:Delivery is '{Delivery}'; use exactly-once or at-least-once.";
        if (Compression is not ("none" or "gzip" or "snappy" or "lz4" or "zstd"))
            yield return $"Sync:Compression is '{Compression}'; use none, gzip, snappy, lz4 or zstd.";
        foreach ((string property, string file) in ClientFiles)
        {
            if (Client.ContainsKey(property)) yield return $"Sync:ClientFiles:{property} and Sync:Client:{property} are both set; use one.";
            if (file.Length == 0) yield return $"Sync:ClientFiles:{property} is empty; use the path of a file, or the name of a systemd credential.";
        }
        foreach (string problem in Template.Problems("Sync:Topic", Topic, "topic", "device", "site")) yield return problem;
        foreach (string problem in Template.Problems("Sync:Key", Key, "key", "device", "site", "topic")) yield return problem;
        if (ReplicationFactor is < 0 or > 100) yield return $"Sync:ReplicationFactor is {ReplicationFactor}; use 0 (min(3, brokers)) to 100.";
        if (Partitions is < 1 or > 10_000) yield return $"Sync:Partitions is {Partitions}; use 1 to 10000.";
        if (RetentionTime < TimeSpan.FromMinutes(1)) yield return $"Sync:RetentionTime is {RetentionTime}; use 1 min or more.";
        if (Linger < TimeSpan.Zero || Linger > TimeSpan.FromMinutes(10)) yield return $"Sync:Linger is {Linger}; use 0 to 10 min.";
        if (MaxBatchBytes is < 1024 or > 64 << 20) yield return $"Sync:MaxBatchBytes is {MaxBatchBytes}; use 1 KiB to 64 MiB.";
        if (CatchUpBytes < MaxBatchBytes || CatchUpBytes > 256 << 20) yield return $"Sync:CatchUpBytes is {CatchUpBytes}; use Sync:MaxBatchBytes ({MaxBatchBytes}) to 256 MiB.";
        if (TransactionTimeout < TimeSpan.FromSeconds(1) || TransactionTimeout > TimeSpan.FromMinutes(15)) yield return $"Sync:TransactionTimeout is {TransactionTimeout}; use 1 s to 15 min.";
        if (CursorLost is not ("halt" or "resume-local" or "replay")) yield return $"Sync:CursorLost is '{CursorLost}'; use halt, resume-local or replay.";
        if (FleetInterval < TimeSpan.Zero || FleetInterval > TimeSpan.FromDays(1)) yield return $"Sync:FleetInterval is {FleetInterval}; use 0 (never) to 1 d.";
        if (StaleBacklog is not ("send" or "hold")) yield return $"Sync:StaleBacklog is '{StaleBacklog}'; use send or hold.";
        if (MessageMaxBytes is < 4096 or > 16 << 20) yield return $"Sync:MessageMaxBytes is {MessageMaxBytes}; use 4096 to 16 MiB.";
        if (MaxInFlightBytes < 64 << 10 || MaxInFlightBytes > 1 << 30) yield return $"Sync:MaxInFlightBytes is {MaxInFlightBytes}; use 64 KiB to 1 GiB.";
        if (MaxInFlightRecords is < 1 or > 10_000_000) yield return $"Sync:MaxInFlightRecords is {MaxInFlightRecords}; use 1 to 10000000.";
        if (BackoffMin <= TimeSpan.Zero || BackoffMin > BackoffMax) yield return $"Sync:BackoffMin is {BackoffMin}; use more than 0 and at most Sync:BackoffMax ({BackoffMax}).";
        if (BackoffMax > TimeSpan.FromHours(1)) yield return $"Sync:BackoffMax is {BackoffMax}; use at most 1 h.";
        if (CursorInterval <= TimeSpan.Zero || CursorInterval > TimeSpan.FromMinutes(5)) yield return $"Sync:CursorInterval is {CursorInterval}; use more than 0, at most 5 min.";
        if (SocketTimeout < TimeSpan.FromSeconds(1) || SocketTimeout > TimeSpan.FromMinutes(5)) yield return $"Sync:SocketTimeout is {SocketTimeout}; use 1 s to 5 min.";
        if (RetryPausedAfter <= TimeSpan.Zero) yield return $"Sync:RetryPausedAfter is {RetryPausedAfter}; use more than 0.";
        if (MetadataRefresh < TimeSpan.FromSeconds(1)) yield return $"Sync:MetadataRefresh is {MetadataRefresh}; use 1 s or more.";
    }
}
