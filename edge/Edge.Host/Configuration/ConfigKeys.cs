using System.Globalization;
using System.Net;
using Edge.CloudSync;
using Edge.Hardware;
using Edge.Hardware.Boards;
using Edge.Hardware.Drivers;
using Edge.Http;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Kafka;
using Edge.Log;
using Edge.Log.Topics;
using Edge.Mqtt;
using Edge.Mqtt.Security;
using Microsoft.Extensions.Logging;

namespace Edge.Host.Configuration;

/// <summary>The table of every key. A key that is not here is refused; one that is here is honoured.</summary>
internal static class ConfigKeys
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Minute = TimeSpan.FromMinutes(1), Day = TimeSpan.FromDays(1), Long = TimeSpan.FromDays(36_500);
    private static readonly ConfigScope<EdgeOptions> Data = new("Data", static (o, _) => o), Device = new("Device", static (o, _) => o), Logging = new("Log", static (o, _) => o),
        Host = new("Storage", static (o, _) => o);
    private static readonly ConfigScope<LogOptions> DeviceLog = new("Device", static (o, _) => o.Log), Storage = new("Storage", static (o, _) => o.Log), Commit = new("Commit", static (o, _) => o.Log);
    private static readonly ConfigScope<IngestOptions> Limits = new("Limits", static (o, _) => o.Ingest), Ingest = new("Ingest", static (o, _) => o.Ingest);
    private static readonly ConfigScope<MqttOptions> Mqtt = new("Mqtt", static (o, _) => o.Mqtt);
    private static readonly ConfigScope<KafkaOptions> Kafka = new("Kafka", static (o, _) => o.Kafka);
    private static readonly ConfigScope<TlsOptions> Tls = new("Tls", static (o, _) => o.Tls);
    private static readonly ConfigScope<HttpOptions> Http = new("Http", static (o, _) => o.Http);
    private static readonly ConfigScope<SyncOptions> Sync = new("Sync", static (o, _) => o.Sync);
    private static readonly ConfigScope<RouteOptions> Route = new("Routes:*", static (o, index) => o.RouteAt(index));
    private static readonly ConfigScope<SensorOptions> Sensor = new("Sensors:*", static (o, index) => o.SensorAt(index));
    private static readonly ConfigScope<HardwareOptions> Hardware = new("Hardware", static (o, _) => o.Hardware);
    private static readonly ConfigScope<IngestOptions> TopicDefaults = new("Topics:Defaults", static (o, _) => o.Ingest);
    private static readonly ConfigScope<TopicOptions> Topic = new("Topics:*", static (o, name) => o.TopicOf(name));

    private const string PortAllowed = "a port, 0 (any free one) to 65535", AddressAllowed = "an IP address such as 127.0.0.1, ::1 or 0.0.0.0";

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        Data.Text("Directory", o => o.DataDirectory, (o, v) => o.DataDirectory = v, "a path", "journal, catalog, run.json; locked by one process", static v => v.Length > 0 && !v.Contains('\0'), "./data; /var/lib/edge as a service"),
        DeviceLog.Text("Id", o => o.DeviceId, (o, v) => o.DeviceId = v, "1 to 64 of A-Z a-z 0-9 . _ -", "name of the device, everywhere and for ever", IsDeviceId, "made at first start: edge- and 8 characters"),
        Device.Text("Site", o => o.Site, (o, v) => o.Site = v, "text of at most 249 characters without /", "{site} of templates", static v => v.Length <= 249 && !v.Contains('/')),
        Logging.Choice("Level", o => o.LogLevel, (o, v) => o.LogLevel = v, [("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("information", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error), ("none", LogLevel.None)], "least important log line that is written to standard error"),

        Mqtt.Number("Port", o => o.Port, (o, v) => o.Port = v, 0, 65_535, "TCP port of MQTT", PortAllowed),
        Mqtt.Text("BindAddress", o => o.BindAddress, (o, v) => o.BindAddress = v, AddressAllowed, "address MQTT listens on", IsAddress),
        Mqtt.Boolean("UnsafePlaintext", o => o.UnsafePlaintext, (o, v) => o.UnsafePlaintext = v, "allows plain MQTT on an address other machines reach"),
        Mqtt.Size("MaxPacketBytes", o => o.MaxPacketBytes, (o, v) => o.MaxPacketBytes = (int)v, 1024, 16 << 20, "largest packet accepted"),
        Mqtt.Number("MaxConnections", o => o.MaxConnections, (o, v) => o.MaxConnections = v, 0, 1_000_000, "most connections at once", "0 (by memory) to 1000000", "0: min(10 000, 8 per MiB of memory)"),
        Mqtt.Number("MaxNewConnectionsPerSecond", o => o.MaxNewConnectionsPerSecond, (o, v) => o.MaxNewConnectionsPerSecond = v, 1, 100_000, "new connections a second from one address; loopback is exempt"),
        Mqtt.Duration("MaxKeepAlive", o => o.MaxKeepAlive, (o, v) => o.MaxKeepAlive = v, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(65_535), "longest keep-alive granted to MQTT 5; 3.1.1 is honoured as sent"),
        Mqtt.Number("ReceiveMaximum", o => o.ReceiveMaximum, (o, v) => o.ReceiveMaximum = v, 1, 65_535, "publishes of QoS 1 and 2 one client may have unacknowledged"),
        Mqtt.Number("MaxTopicLevels", o => o.MaxTopicLevels, (o, v) => o.MaxTopicLevels = v, 1, 200, "most levels of an MQTT topic"),
        Mqtt.Size("MaxTopicBytes", o => o.MaxTopicBytes, (o, v) => o.MaxTopicBytes = (int)v, 16, 65_535, "longest MQTT topic"),
        Mqtt.Number("MaxRetained", o => o.MaxRetained, (o, v) => o.MaxRetained = v, 0, 10_000_000, "most retained messages"),
        Mqtt.Size("MaxRetainedBytes", o => o.MaxRetainedBytes, (o, v) => o.MaxRetainedBytes = v, 0, 1L << 40, "most bytes of retained messages"),
        Mqtt.Number("MaxSubscriptions", o => o.MaxSubscriptions, (o, v) => o.MaxSubscriptions = v, 1, 100_000, "most subscriptions of one client"),
        Mqtt.Number("MaxSessions", o => o.MaxSessions, (o, v) => o.MaxSessions = v, 0, 1_000_000, "most sessions kept for clients that are away"),
        Mqtt.Number("MaxInFlightOut", o => o.MaxInFlightOut, (o, v) => o.MaxInFlightOut = v, 1, 65_535, "messages of QoS 1 and 2 under way to one subscriber"),

        Mqtt.Duration("SessionSaveInterval", o => o.SessionSaveInterval, (o, v) => o.SessionSaveInterval = v, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), "how often the position of a session is saved: what a crash can send twice at QoS 1"),
        Mqtt.Number("MaxReplays", o => o.MaxReplays, (o, v) => o.MaxReplays = v, 0, 1000, "most $replay subscriptions of one client"),
        Mqtt.Number("MaxMessagesPerSecond", o => o.MaxMessagesPerSecond, (o, v) => o.MaxMessagesPerSecond = v, 0, int.MaxValue, "messages one client may publish a second; above it the client is read no further", null, "0: no quota"),
        Mqtt.Size("MaxBytesPerSecond", o => o.MaxBytesPerSecond, (o, v) => o.MaxBytesPerSecond = v, 0, 1L << 40, "bytes one client may send a second", "0: no quota"),
        Mqtt.Number("TlsPort", o => o.TlsPort, (o, v) => o.TlsPort = v, -1, 65_535, "TCP port of MQTT over TLS, on all addresses, once there is a certificate", "a port, 0 (any free one) to 65535, or -1 (none)"),
        Mqtt.Boolean("RequireClientCertificate", o => o.RequireClientCertificate, (o, v) => o.RequireClientCertificate = v, "refuses MQTT clients over TLS that show no certificate; needs Tls:ClientCa"),
        Mqtt.Choice("Anonymous", o => o.Anonymous, (o, v) => o.Anonymous = v, [("auto", MqttAnonymous.Local), ("true", MqttAnonymous.Always), ("false", MqttAnonymous.Never)], "whether clients without a user name are let in; auto: those of this machine"),

        Kafka.Number("Port", o => o.Port, (o, v) => o.Port = v, 0, 65_535, "TCP port of the Kafka protocol", PortAllowed),
        Kafka.Text("BindAddress", o => o.BindAddress, (o, v) => o.BindAddress = v, AddressAllowed, "address the Kafka listener binds", IsAddress),
        Kafka.Boolean("UnsafePlaintext", o => o.UnsafePlaintext, (o, v) => o.UnsafePlaintext = v, "allows plain Kafka on an address other machines reach"),
        Kafka.Number("TlsPort", o => o.TlsPort, (o, v) => o.TlsPort = v, -1, 65_535, "TCP port of the Kafka protocol with TLS, on all addresses, once there is a certificate", "a port, 0 (any free one) to 65535, or -1 (none)"),
        Kafka.Choice("Authentication", o => o.Authentication, (o, v) => o.Authentication = v, [("auto", KafkaAuthentication.Auto), ("required", KafkaAuthentication.Required), ("UnsafeNone", KafkaAuthentication.UnsafeNone)], "who must log in: auto = every connection that does not come from this machine, required = all, UnsafeNone = nobody"),
        Kafka.Text("AdvertisedHost", o => o.AdvertisedHost, (o, v) => o.AdvertisedHost = v, "host, host:port, [IPv6] or [IPv6]:port", "address clients are told to connect to", static v => v.Length == 0 || KafkaOptions.TryParseHost(v, out string _, out int _), "the address the client connected to"),
        Kafka.Boolean("AutoCreateTopics", o => o.AutoCreateTopics, (o, v) => o.AutoCreateTopics = v, "makes a missing topic when a Kafka client asks for it"),
        Kafka.Text("ClusterId", o => o.ClusterId, (o, v) => o.ClusterId = v, "at most 64 of A-Z a-z 0-9 . _ -", "name of the cluster", static v => v.Length == 0 || IsDeviceId(v), "Device:Id"),
        Kafka.Number("NodeId", o => o.NodeId, (o, v) => o.NodeId = v, 0, int.MaxValue, "broker id"),
        Kafka.Number("MaxConnections", o => o.MaxConnections, (o, v) => o.MaxConnections = v, 1, 1_000_000, "most connections at once"),
        Kafka.Size("MaxRequestBytes", o => o.MaxRequestBytes, (o, v) => o.MaxRequestBytes = (int)v, 1 << 16, 1 << 28, "largest request"),
        Kafka.Size("MaxInFlightBytes", o => o.MaxInFlightBytes, (o, v) => o.MaxInFlightBytes = (int)v, 1 << 16, 1 << 30, "bytes of requests and responses held at a time"),
        Kafka.Size("MaxInFlightBytesPerConnection", o => o.MaxInFlightBytesPerConnection, (o, v) => o.MaxInFlightBytesPerConnection = (int)v, 1 << 16, 1 << 30, "bytes of unanswered requests of one connection"),
        Kafka.Number("MaxInFlightRequests", o => o.MaxInFlightRequests, (o, v) => o.MaxInFlightRequests = v, 1, 1024, "requests of one connection under way"),
        Kafka.Size("MaxFetchBytes", o => o.MaxFetchBytes, (o, v) => o.MaxFetchBytes = (int)v, 1 << 16, 1 << 28, "most record bytes of one fetch response"),
        Kafka.Duration("IdleTimeout", o => o.IdleTimeout, (o, v) => o.IdleTimeout = v, Second, Day, "a connection without a request is closed after it"),
        Kafka.Duration("TransferTimeout", o => o.TransferTimeout, (o, v) => o.TransferTimeout = v, Second, TimeSpan.FromHours(1), "a begun request must be complete within it"),

        Tls.Text("Certificate", o => o.Certificate, (o, v) => o.Certificate = v, "a path", "PEM file with the appliance's certificate and those that lead to its root", shownDefault: "none: no encrypted listener"),
        Tls.Text("Key", o => o.Key, (o, v) => o.Key = v, "a path", "PEM file with its private key", shownDefault: "in Tls:Certificate"),
        Tls.Text("ClientCa", o => o.ClientCa, (o, v) => o.ClientCa = v, "a path", "PEM file with the roots of client certificates; the common name of such a certificate is its user", shownDefault: "none: client certificates are not asked for"),

        Http.Number("Port", o => o.Port, (o, v) => o.Port = v, 0, 65_535, "TCP port of HTTP", PortAllowed),
        Http.Text("BindAddress", o => o.BindAddress, (o, v) => o.BindAddress = v, AddressAllowed, "address HTTP listens on", IsAddress),
        Http.Boolean("UnsafePlaintext", o => o.UnsafePlaintext, (o, v) => o.UnsafePlaintext = v, "allows plain HTTP on an address other machines reach"),
        Http.List("AllowedHosts", o => o.AllowedHosts, (o, v) => o.AllowedHosts = v, "a list of host names", "names a browser may reach the appliance by, besides localhost, addresses and the machine's own name"),
        Http.Size("MaxBodyBytes", o => o.MaxBodyBytes, (o, v) => o.MaxBodyBytes = (int)v, 1024, 64 << 20, "largest request body"),

        Limits.Size("MaxRecordBytes", o => o.MaxRecordBytes, (o, v) => o.MaxRecordBytes = (int)v, 1024, 896 << 10, "largest record of every source: key, value and headers without edge.*"),
        Ingest.Size("MaxInFlightBytes", o => o.MaxInFlightBytes, (o, v) => o.MaxInFlightBytes = (int)v, 2 << 20, 1 << 30, "admission control: bytes taken and not yet durable"),

        Storage.Size("MaxBytes", o => o.MaxBytes, (o, v) => o.MaxBytes = v, 0, long.MaxValue, "most bytes of segments on disk", "0: 80 % of the file system"),
        Storage.Size("MinFreeBytes", o => o.MinFreeBytes, (o, v) => o.MinFreeBytes = v, 0, long.MaxValue, "free space left to the file system"),
        Storage.Size("SegmentBytes", o => o.SegmentBytes, (o, v) => o.SegmentBytes = (int)v, 1 << 20, 1 << 30, "size of a segment file; a multiple of 4096"),
        Host.Choice("OnFailure", o => o.OnStorageFailure, (o, v) => o.OnStorageFailure = v, [("read-only", StorageFailurePolicy.ReadOnly), ("exit", StorageFailurePolicy.Exit)], "what happens when the journal cannot be written any more"),
        Host.Duration("RetentionInterval", o => o.RetentionInterval, (o, v) => o.RetentionInterval = v, TimeSpan.FromMilliseconds(100), Day, "how often retention is applied"),
        Commit.Duration("Linger", o => o.Linger, (o, v) => o.Linger = v, TimeSpan.Zero, TimeSpan.FromSeconds(10), "how long a commit waits for more to come: latency for flash wear"),
        Commit.Choice("PadBytes", o => o.PadBytes, (o, v) => o.PadBytes = v, [("0", 0), ("512", 512), ("4096", 4096)], "each commit starts on a multiple of it, for media that damage neighbours of a torn page"),

        Sync.Boolean("Enabled", o => o.Enabled, (o, v) => o.Enabled = v, "forwards to the centre", "true when servers are given"),
        Sync.Text("BootstrapServers", o => o.BootstrapServers, (o, v) => o.BootstrapServers = v, "host:port, several separated by commas", "addresses of the centre"),
        Sync.Choice("Delivery", o => o.Delivery, (o, v) => o.Delivery = v, [(SyncOptions.ExactlyOnce, SyncOptions.ExactlyOnce), (SyncOptions.AtLeastOnce, SyncOptions.AtLeastOnce)], "exactly-once: in transactions, with the cursors in edge.cursors; at-least-once: for a centre without transactions"),
        Sync.Text("Topic", o => o.Topic, (o, v) => o.Topic = v, "text with {topic}, {device}, {site}", "central topic"),
        Sync.Text("Key", o => o.Key, (o, v) => o.Key = v, "text with {key}, {device}, {site}, {topic}", "central key; a record without a key gets the device"),
        Sync.List("Include", o => o.Include, (o, v) => o.Include = v, "a list of topics, with * and ?", "topics forwarded; empty: all"),
        Sync.List("Exclude", o => o.Exclude, (o, v) => o.Exclude = v, "a list of topics, with * and ?", "topics never forwarded"),
        Sync.Boolean("CreateTopics", o => o.CreateTopics, (o, v) => o.CreateTopics = v, "makes missing central topics"),
        Sync.Number("ReplicationFactor", o => o.ReplicationFactor, (o, v) => o.ReplicationFactor = v, 0, 100, "of central topics made here", null, "0: min(3, brokers)"),
        Sync.Number("Partitions", o => o.Partitions, (o, v) => o.Partitions = v, 1, 10_000, "of central topics made here"),
        Sync.Duration("RetentionTime", o => o.RetentionTime, (o, v) => o.RetentionTime = v, Minute, Long, "of central topics made here"),
        Sync.Duration("Linger", o => o.Linger, (o, v) => o.Linger = v, TimeSpan.Zero, TimeSpan.FromMinutes(10), "how long new records gather before they are sent"),
        Sync.Size("MaxBatchBytes", o => o.MaxBatchBytes, (o, v) => o.MaxBatchBytes = (int)v, 1024, 64 << 20, "bytes that end the gathering early"),
        Sync.Size("CatchUpBytes", o => o.CatchUpBytes, (o, v) => o.CatchUpBytes = (int)v, 1024, 256 << 20, "bytes of one transaction while a backlog is caught up"),
        Sync.Duration("TransactionTimeout", o => o.TransactionTimeout, (o, v) => o.TransactionTimeout = v, Second, TimeSpan.FromMinutes(15), "how long the centre keeps a transaction open that hears nothing more"),
        Sync.Choice("CursorLost", o => o.CursorLost, (o, v) => o.CursorLost = v, [("halt", "halt"), ("resume-local", "resume-local"), ("replay", "replay")], "what to do when the centre lost the cursors"),
        Sync.Choice("StaleBacklog", o => o.StaleBacklog, (o, v) => o.StaleBacklog = v, [("send", "send"), ("hold", "hold")], "what to do with records older than the central topic keeps them: send with a loud event, or keep back"),
        Sync.Duration("FleetInterval", o => o.FleetInterval, (o, v) => o.FleetInterval = v, TimeSpan.Zero, Day, "how often the appliance tells edge.fleet how it is; 0: never"),
        Sync.Size("MessageMaxBytes", o => o.MessageMaxBytes, (o, v) => o.MessageMaxBytes = (int)v, 4096, 16 << 20, "largest record sent; a larger one goes to edge.deadletter as a pointer"),
        Sync.Size("MaxInFlightBytes", o => o.MaxInFlightBytes, (o, v) => o.MaxInFlightBytes = (int)v, 64 << 10, 1 << 30, "bytes sent and not confirmed yet, with at-least-once"),
        Sync.Number("MaxInFlightRecords", o => o.MaxInFlightRecords, (o, v) => o.MaxInFlightRecords = v, 1, 10_000_000, "records sent and not confirmed yet; most in one transaction"),
        Sync.Duration("BackoffMin", o => o.BackoffMin, (o, v) => o.BackoffMin = v, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), "first pause between two probes of an absent centre"),
        Sync.Duration("BackoffMax", o => o.BackoffMax, (o, v) => o.BackoffMax = v, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), "longest pause between two probes"),
        Sync.Duration("CursorInterval", o => o.CursorInterval, (o, v) => o.CursorInterval = v, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5), "how often positions are noted locally: what a crash can send twice with at-least-once"),
        Sync.Duration("SocketTimeout", o => o.SocketTimeout, (o, v) => o.SocketTimeout = v, Second, TimeSpan.FromMinutes(5), "how long a request to the centre may take"),
        Sync.Duration("RetryPausedAfter", o => o.RetryPausedAfter, (o, v) => o.RetryPausedAfter = v, TimeSpan.FromMilliseconds(1), Day, "how often a partition the centre refused is tried again"),
        Sync.Duration("MetadataRefresh", o => o.MetadataRefresh, (o, v) => o.MetadataRefresh = v, Second, Day, "how often partition counts are asked for anew"),
        Sync.Choice("Compression", o => o.Compression, (o, v) => o.Compression = v, [("none", "none"), ("gzip", "gzip"), ("snappy", "snappy"), ("lz4", "lz4"), ("zstd", "zstd")], "of what is sent"),
        Map("Sync:ClientFiles:*", "file, or name of a systemd credential, that holds the value of a librdkafka property such as sasl.password", static (o, name) => o.Sync.ClientFiles.GetValueOrDefault(name, ""), static (o, name, value) => o.Sync.ClientFiles = new Dictionary<string, string>(o.Sync.ClientFiles) { [name] = value }, isSecret: false),
        Map("Sync:Client:*", "further librdkafka properties (TLS, SASL) by their own names", static (o, name) => o.Sync.Client.GetValueOrDefault(name, ""), static (o, name, value) => o.Sync.Client = new Dictionary<string, string>(o.Sync.Client) { [name] = value }, isSecret: true),

        TopicDefaults.Number("partitions", o => o.DefaultPartitions, (o, v) => o.DefaultPartitions = v, 1, TopicRegistry.MaxPartitionsOfTopic, "partitions of a topic made without a number"),
        .. TopicKeys(TopicDefaults, static o => o.TopicDefaults, "of topics made without one of their own"),
        Topic.Number("partitions", o => o.Partitions, (o, v) => o.Partitions = v, 1, TopicRegistry.MaxPartitionsOfTopic, "partitions; they can be added to, never taken away", null, "Topics:Defaults"),
        .. TopicKeys(Topic, static o => o.Config, "of this topic", "Topics:Defaults"),

        Route.Text("Filter", o => o.Filter, (o, v) => o.Filter = v, "an MQTT filter", "MQTT topics it takes; the first route that matches decides"),
        Route.Text("Topic", o => o.Topic, (o, v) => o.Topic = v, "a template of {1}, {#}, {topic}, {client}, {user}, {$.a.b}", "topic of the records"),
        Route.Text("Key", o => o.Key, (o, v) => o.Key = v, "a template of {1}, {#}, {topic}, {client}, {user}, {$.a.b}", "key of the records; what expands to nothing is no key"),
        Route.Number("Priority", o => o.Priority, (o, v) => o.Priority = v, -10, 10, "who waits when admission control holds back: lower first"),
        Route.Text("Payload", o => o.Payload, (o, v) => o.Payload = v, "raw, json, senml or sparkplug", "what is done with the payload"),
        Route.Text("Timestamp", o => o.Timestamp, (o, v) => o.Timestamp = v, "a field such as {$.ts}", "with json: the record's time"),
        Route.Text("Value", o => o.Value, (o, v) => o.Value = v, "a field such as {$.value}", "with json: the record's value"),

        Sensor.Text("Name", o => o.Name, (o, v) => o.Name = v, "1 to 64 of A-Z a-z 0-9 . _ -", "name in status, commands and payloads", IsDeviceId),
        Sensor.Text("Driver", o => o.Driver, (o, v) => o.Driver = v, $"one of {string.Join(", ", SensorDrivers.Names)}", "what reads it"),
        Sensor.Text("Topic", o => o.Topic, (o, v) => o.Topic = v, "1 to 249 of A-Z a-z 0-9 . _ -", "topic of the records"),
        Sensor.Text("Key", o => o.Key, (o, v) => o.Key = v, "text with {metric} and {sensor}", "key of the records"),
        Sensor.Duration("Interval", o => o.Interval, (o, v) => o.Interval = v, SensorOptions.MinInterval, SensorOptions.MaxInterval, "time between two readings"),
        Sensor.Duration("Jitter", o => o.Jitter, (o, v) => o.Jitter = v, TimeSpan.Zero, Day, "each reading is up to this much later than its slot, by chance; less than the interval"),
        Sensor.Number("Oversample", o => o.Oversample, (o, v) => o.Oversample = v, 1, 64, "readings taken for one value"),
        Sensor.Choice("Combine", o => o.Combine, (o, v) => o.Combine = v, [("mean", SampleCombination.Mean), ("median", SampleCombination.Median)], "how they become one"),
        Sensor.Number("Retries", o => o.Retries, (o, v) => o.Retries = v, 0, 10, "further tries of a reading that failed on the bus or by its checksum"),
        Sensor.Duration("StaleAfter", o => o.StaleAfter, (o, v) => o.StaleAfter = v, TimeSpan.Zero, Long, "age at which the last values count as stale; 0: three intervals and 5 s"),
        Sensor.Duration("Heartbeat", o => o.Heartbeat, (o, v) => o.Heartbeat = v, Second, Day, "a metric with a deadband is published again after it, changed or not"),
        Sensor.Choice("Payload", o => o.Payload, (o, v) => o.Payload = v, [("senml", SensorPayload.SenMl), ("cbor", SensorPayload.Cbor), ("json", SensorPayload.Json)], "form of the records: SenML JSON, SenML CBOR, plain JSON"),
        SensorMap("Deadband", "change worth a record, by metric (* for every other): 0.5, 2%, or 0 for any", static o => o.Deadband),
        SensorMap("Calibration", "by metric (* for every other): gain 1.02, offset -0.4; or table 0=0.3 50=50.1 100=98.7", static o => o.Calibration),
        SensorMap("Units", "unit to convert to, by metric (* for every other), for example degF or hPa", static o => o.Units),
        SensorMap("Range", "plausible values by metric, for example -20..60", static o => o.Range),
        SensorMap("Settings", "settings of the driver", static o => o.Settings),

        Hardware.Boolean("Simulate", o => o.Simulate, (o, v) => o.Simulate = v, "every bus and pin is simulated: a plant for demonstrations"),
        Hardware.Text("Board", o => o.Board, (o, v) => o.Board = v, $"one of {string.Join(", ", BoardProfiles.Names)}", "board profile: names of lines and header pins", static v => BoardProfiles.Names.Contains(v, StringComparer.OrdinalIgnoreCase)),
        Hardware.Number("SimulationSeed", o => o.SimulationSeed, (o, v) => o.SimulationSeed = v, 0, int.MaxValue, "what happens by chance in the simulation is drawn from it"),
        Hardware.Boolean("SimulationFaults", o => o.SimulationFaults, (o, v) => o.SimulationFaults = v, "simulated devices fail now and then"),
        Hardware.Text("Trace", o => o.Trace, (o, v) => o.Trace = v, "path of a CSV file: seconds,quantity,value", "recorded trace that the simulation replays"),
        Hardware.Boolean("RecoverBuses", o => o.RecoverBuses, (o, v) => o.RecoverBuses = v, "a stuck I2C bus is freed by clock pulses"),
    ];

    /// <summary>Keys of later versions: refused by name, so that nobody believes in a setting that does nothing.</summary>
    public static IReadOnlyList<(string Name, string Reason)> NotInThisVersion { get; } =
    [
        ("Sync:ClockWait", "waiting for the clock"),
        ("Sync:Lanes", "lanes of the uplink"),
        ("Clock:RequireSync", "judging the clock"),
        ("Topics:Defaults:cleanup.policy=compact", "the cleaner"),
    ];

    /// <summary>Sections whose second part is free: an index or a name.</summary>
    public static IReadOnlyList<string> Lists { get; } = ["Routes", "Sensors"];

    private static IEnumerable<ConfigKey> TopicKeys<T>(ConfigScope<T> scope, Func<T, TopicConfig> config, string whose, string? shownDefault = null) =>
    [
        scope.Text("retention.ms", o => config(o).RetentionMs.ToString(CultureInfo.InvariantCulture), (o, v) => config(o).RetentionMs = Milliseconds(v)!.Value, $"milliseconds, {ConfigText.DurationForms}, or -1 (for ever)", $"how long records are kept, {whose}", static v => Milliseconds(v) is not null, shownDefault ?? "7d", isBare: true),
        scope.Text("retention.bytes", o => config(o).RetentionBytes.ToString(CultureInfo.InvariantCulture), (o, v) => config(o).RetentionBytes = Bytes(v)!.Value, $"{ConfigText.SizeForms}, or -1 (no limit)", $"bytes kept a partition, {whose}", static v => Bytes(v) is not null, shownDefault ?? "-1", isBare: true),
        scope.Choice("cleanup.policy", o => config(o).CleanupPolicy, (o, v) => config(o).CleanupPolicy = v, [("delete", CleanupPolicy.Delete)], $"what retention does, {whose}"),
        scope.Choice("full", o => config(o).Full, (o, v) => config(o).Full = v, [("reject", FullPolicy.Reject), ("drop-oldest", FullPolicy.DropOldest)], $"what happens when the disk's bound is reached, {whose}"),
    ];

    private static ConfigKey Map(string name, string meaning, Func<EdgeOptions, string, string> get, Action<EdgeOptions, string, string> set, bool isSecret) => new()
    {
        Name = name,
        Kind = ConfigKind.Text,
        Allowed = "text",
        Meaning = meaning,
        Default = "",
        IsSecret = isSecret,
        Read = get,
        TryApply = (o, w, v) =>
        {
            if (!v.TryAnyScalar(out string text)) return false;
            set(o, w, text);
            return true;
        },
    };

    private static ConfigKey SensorMap(string name, string meaning, Func<SensorOptions, Dictionary<string, string>> map) => Map(
        $"Sensors:*:{name}:*", meaning,
        (o, w) => map(SensorOf(o, w)).GetValueOrDefault(Last(w), ""), (o, w, value) => map(SensorOf(o, w))[Last(w)] = value, isSecret: false);

    private static SensorOptions SensorOf(EdgeOptions options, string wild) => options.SensorAt(wild[..wild.IndexOf(':')]);

    /// <summary>The map that a key of the form <c>Sensors:*:Name:*</c> fills.</summary>
    internal static Dictionary<string, string> MapOf(SensorOptions sensor, string name) => name switch
    {
        "Deadband" => sensor.Deadband,
        "Calibration" => sensor.Calibration,
        "Units" => sensor.Units,
        "Range" => sensor.Range,
        _ => sensor.Settings,
    };

    private static string Last(string wild) => wild[(wild.IndexOf(':') + 1)..];

    internal static long? Milliseconds(string text) =>
        text.Trim() == "-1" ? -1
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long ms) ? ms
        : ConfigText.TryParseDuration(text, out TimeSpan time) ? (long)time.TotalMilliseconds
        : null;

    internal static long? Bytes(string text) => text.Trim() == "-1" ? -1 : ConfigText.TryParseSize(text, out long bytes) ? bytes : null;

    internal static bool IsDeviceId(string text) => text.Length is >= 1 and <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static bool IsAddress(string text) => IPAddress.TryParse(text, out _);
}
