using Edge.CloudSync;
using Edge.Hardware;
using Edge.Http;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Kafka;
using Edge.Log;
using Edge.Mqtt;
using Microsoft.Extensions.Logging;

namespace Edge.Host.Configuration;

/// <summary>Everything an appliance is told: the options of each room plus the host's own. Filled by <see cref="ConfigLoader"/>.</summary>
public sealed record EdgeOptions
{
    /// <summary>Journal, catalog, run.json; locked by one process.</summary>
    public string DataDirectory { get; set; } = DefaultDataDirectory;

    /// <summary>Value of <c>{site}</c> in templates.</summary>
    public string Site { get; set; } = "";

    public LogLevel LogLevel { get; set; } = LogLevel.Information;
    public StorageFailurePolicy OnStorageFailure { get; set; } = StorageFailurePolicy.ReadOnly;

    /// <summary>How often retention is applied. Default 30 s.</summary>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromSeconds(30);

    public LogOptions Log { get; set; } = new();
    public IngestOptions Ingest { get; set; } = new();
    public MqttOptions Mqtt { get; set; } = new();
    public KafkaOptions Kafka { get; set; } = new();
    public HttpOptions Http { get; set; } = new();
    public SyncOptions Sync { get; set; } = new();
    public TlsOptions Tls { get; set; } = new();

    public HardwareOptions Hardware { get; set; } = new();

    /// <summary>Topics that are made or set at start, by name.</summary>
    public SortedDictionary<string, TopicOptions> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>Without any, everything goes to topic <c>telemetry</c>, key = the MQTT topic.</summary>
    public List<RouteOptions> Routes { get; } = [];

    /// <summary>Without any, the appliance reads its own machine and a hub reads nothing.</summary>
    public List<SensorOptions> Sensors { get; } = [];

    /// <summary><c>./data</c>; started by systemd, the directory it names (<c>StateDirectory=</c>) or <c>/var/lib/edge</c>.</summary>
    public static string DefaultDataDirectory =>
        Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } state ? state.Split(':')[0]
        : Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 } ? "/var/lib/edge"
        : "./data";

    /// <summary>The topic's entry, made with the defaults when it is new.</summary>
    internal TopicOptions TopicOf(string name)
    {
        if (!Topics.TryGetValue(name, out TopicOptions? topic))
            Topics[name] = topic = new TopicOptions { Partitions = Ingest.DefaultPartitions, Config = Ingest.TopicDefaults with { } };
        return topic;
    }

    internal RouteOptions RouteAt(string index) => At(Routes, index);
    internal SensorOptions SensorAt(string index) => At(Sensors, index);

    private static T At<T>(List<T> list, string index) where T : new()
    {
        int at = int.Parse(index, System.Globalization.CultureInfo.InvariantCulture); // the loader has checked it
        while (list.Count <= at) list.Add(new T());
        return list[at];
    }
}
