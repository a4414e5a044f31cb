using System.Collections;
using System.Text.Json;
using Edge.Hardware;
using Edge.Host.Configuration;
using Edge.Mqtt.Security;
using Edge.Testing.Processes;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Edge.Host.Tests.Configuration;

public sealed class ConfigKeysTests
{
    /// <summary>A value for every key, none of them the default, all possible together.</summary>
    private static readonly Dictionary<string, string> Samples = new()
    {
        ["Data:Directory"] = "/tmp/elsewhere", ["Device:Id"] = "pi-7", ["Device:Site"] = "hall", ["Log:Level"] = "debug",
        ["Mqtt:Port"] = "11883", ["Mqtt:BindAddress"] = "0.0.0.0", ["Mqtt:UnsafePlaintext"] = "true", ["Mqtt:MaxPacketBytes"] = "64KiB", ["Mqtt:MaxConnections"] = "17",
        ["Mqtt:MaxNewConnectionsPerSecond"] = "5", ["Mqtt:MaxKeepAlive"] = "1min", ["Mqtt:ReceiveMaximum"] = "10", ["Mqtt:MaxTopicLevels"] = "8", ["Mqtt:MaxTopicBytes"] = "128",
        ["Mqtt:MaxRetained"] = "3", ["Mqtt:MaxRetainedBytes"] = "1MiB", ["Mqtt:MaxSubscriptions"] = "4", ["Mqtt:MaxSessions"] = "6", ["Mqtt:MaxInFlightOut"] = "9",
        ["Mqtt:SessionSaveInterval"] = "2s", ["Mqtt:MaxReplays"] = "7", ["Mqtt:MaxMessagesPerSecond"] = "100", ["Mqtt:MaxBytesPerSecond"] = "1MiB", ["Mqtt:TlsPort"] = "18883",
        ["Mqtt:RequireClientCertificate"] = "true", ["Mqtt:Anonymous"] = "false",
        ["Kafka:Port"] = "19092", ["Kafka:BindAddress"] = "::", ["Kafka:UnsafePlaintext"] = "true", ["Kafka:TlsPort"] = "19093", ["Kafka:Authentication"] = "required", ["Tls:Certificate"] = "edge.pem", ["Tls:Key"] = "edge.key", ["Tls:ClientCa"] = "ca.pem", ["Kafka:AdvertisedHost"] = "pi.local:9093", ["Kafka:AutoCreateTopics"] = "false",
        ["Kafka:ClusterId"] = "c1", ["Kafka:NodeId"] = "7", ["Kafka:MaxConnections"] = "12", ["Kafka:MaxRequestBytes"] = "2MiB", ["Kafka:MaxInFlightBytes"] = "32MiB",
        ["Kafka:MaxInFlightBytesPerConnection"] = "3MiB", ["Kafka:MaxInFlightRequests"] = "5", ["Kafka:MaxFetchBytes"] = "1MiB", ["Kafka:IdleTimeout"] = "1min", ["Kafka:TransferTimeout"] = "5s",
        ["Http:Port"] = "18080", ["Http:BindAddress"] = "0.0.0.0", ["Http:UnsafePlaintext"] = "true", ["Http:AllowedHosts"] = "pi.local,edge.example", ["Http:MaxBodyBytes"] = "1MiB",
        ["Limits:MaxRecordBytes"] = "16KiB", ["Ingest:MaxInFlightBytes"] = "8MiB",
        ["Storage:MaxBytes"] = "2GiB", ["Storage:MinFreeBytes"] = "1MiB", ["Storage:SegmentBytes"] = "8MiB", ["Storage:OnFailure"] = "exit", ["Storage:RetentionInterval"] = "5s",
        ["Commit:Linger"] = "20ms", ["Commit:PadBytes"] = "4096",
        ["Sync:Enabled"] = "false", ["Sync:BootstrapServers"] = "a:1,b:2", ["Sync:Delivery"] = "at-least-once", ["Sync:Topic"] = "{site}.{topic}", ["Sync:Key"] = "{key}",
        ["Sync:Include"] = "a*,b", ["Sync:Exclude"] = "c", ["Sync:CreateTopics"] = "false", ["Sync:ReplicationFactor"] = "2", ["Sync:Partitions"] = "6", ["Sync:RetentionTime"] = "3d",
        ["Sync:Linger"] = "50ms", ["Sync:MaxBatchBytes"] = "64KiB", ["Sync:MessageMaxBytes"] = "8KiB", ["Sync:MaxInFlightBytes"] = "1MiB", ["Sync:MaxInFlightRecords"] = "100",
        ["Sync:BackoffMin"] = "2s", ["Sync:BackoffMax"] = "20s", ["Sync:CursorInterval"] = "3s", ["Sync:SocketTimeout"] = "10s", ["Sync:RetryPausedAfter"] = "1min",
        ["Sync:CatchUpBytes"] = "2MiB", ["Sync:TransactionTimeout"] = "45s", ["Sync:CursorLost"] = "replay", ["Sync:StaleBacklog"] = "hold", ["Sync:FleetInterval"] = "2min", ["Sync:ClientFiles:ssl.key.password"] = "/run/secrets/kafka", ["Sync:MetadataRefresh"] = "1min", ["Sync:Compression"] = "lz4", ["Sync:Client:sasl.password"] = "secret",
        ["Topics:Defaults:partitions"] = "3", ["Topics:Defaults:retention.ms"] = "1000", ["Topics:Defaults:retention.bytes"] = "2000", ["Topics:Defaults:cleanup.policy"] = "delete", ["Topics:Defaults:full"] = "reject",
        ["Topics:alarms:partitions"] = "1", ["Topics:alarms:retention.ms"] = "-1", ["Topics:alarms:retention.bytes"] = "5000", ["Topics:alarms:cleanup.policy"] = "delete", ["Topics:alarms:full"] = "reject",
        ["Routes:0:Filter"] = "a/+", ["Routes:0:Topic"] = "t", ["Routes:0:Key"] = "{1}", ["Routes:0:Priority"] = "5", ["Routes:0:Payload"] = "json", ["Routes:0:Timestamp"] = "{$.ts}", ["Routes:0:Value"] = "{$.v}",
        ["Sensors:0:Name"] = "box", ["Sensors:0:Driver"] = "host", ["Sensors:0:Topic"] = "own", ["Sensors:0:Key"] = "{sensor}", ["Sensors:0:Interval"] = "5s", ["Sensors:0:Settings:disks"] = "/",
        ["Sensors:0:Jitter"] = "100ms", ["Sensors:0:Oversample"] = "8", ["Sensors:0:Combine"] = "median", ["Sensors:0:Retries"] = "4", ["Sensors:0:StaleAfter"] = "30s", ["Sensors:0:Heartbeat"] = "1min",
        ["Sensors:0:Payload"] = "cbor", ["Sensors:0:Deadband:cpu/temperature"] = "0.5", ["Sensors:0:Calibration:uptime"] = "offset 3", ["Sensors:0:Units:cpu/temperature"] = "degF", ["Sensors:0:Range:uptime"] = "0..9",
        ["Hardware:Simulate"] = "true", ["Hardware:Board"] = "pi4", ["Hardware:SimulationSeed"] = "9", ["Hardware:SimulationFaults"] = "false", ["Hardware:Trace"] = "", ["Hardware:RecoverBuses"] = "false",
    };

    private static LoadedConfig LoadSamples() => ConfigLoader.Load(new ConfigInput(null, new Hashtable(), [.. Samples.Select(static s => $"{s.Key}={s.Value}")]));

    [Fact]
    public void Samples_OfThisTest_CoverEveryKey() =>
        Assert.Equal(ConfigKeys.All.Select(static k => k.Name).Order(), Samples.Keys.Select(static name => KeyOf(name).Key.Name).Order());

    // Goal: no key is accepted and then forgotten. Method: set all, read each back from the options.
    [Fact]
    public void Load_EveryKeySet_ArrivesInTheOptions()
    {
        LoadedConfig config = LoadSamples();
        foreach ((string name, string value) in Samples)
        {
            (ConfigKey key, string wild) = KeyOf(name);
            Assert.Equal((name, value), (name, key.Read(config.Options, wild)));
        }
    }

    // Goal: reading back proves nothing when a key reads and writes the wrong property. Method: look at the options themselves.
    [Fact]
    public void Load_EveryKeySet_IsInTheRightProperty()
    {
        EdgeOptions o = LoadSamples().Options;
        Assert.Equal(("/tmp/elsewhere", "pi-7", "hall", "hall", LogLevel.Debug), (o.DataDirectory, o.Log.DeviceId, o.Site, o.Sync.Site, o.LogLevel));
        Assert.Equal((11883, "0.0.0.0", true, 65536, 17, 5, 60.0, 10), (o.Mqtt.Port, o.Mqtt.BindAddress, o.Mqtt.UnsafePlaintext, o.Mqtt.MaxPacketBytes, o.Mqtt.MaxConnections, o.Mqtt.MaxNewConnectionsPerSecond, o.Mqtt.MaxKeepAlive.TotalSeconds, o.Mqtt.ReceiveMaximum));
        Assert.Equal((2.0, 7, 100, 1L << 20, 18883), (o.Mqtt.SessionSaveInterval.TotalSeconds, o.Mqtt.MaxReplays, o.Mqtt.MaxMessagesPerSecond, o.Mqtt.MaxBytesPerSecond, o.Mqtt.TlsPort));
        Assert.Equal((true, MqttAnonymous.Never, "edge.pem", "edge.key", "ca.pem", 19093), (o.Mqtt.RequireClientCertificate, o.Mqtt.Anonymous, o.Tls.Certificate, o.Tls.Key, o.Tls.ClientCa, o.Kafka.TlsPort));
        Assert.Equal((8, 128, 3, 1 << 20, 4, 6, 9), (o.Mqtt.MaxTopicLevels, o.Mqtt.MaxTopicBytes, o.Mqtt.MaxRetained, (int)o.Mqtt.MaxRetainedBytes, o.Mqtt.MaxSubscriptions, o.Mqtt.MaxSessions, o.Mqtt.MaxInFlightOut));
        Assert.Equal((19092, "::", true, "pi.local:9093", false, "c1", 7), (o.Kafka.Port, o.Kafka.BindAddress, o.Kafka.UnsafePlaintext, o.Kafka.AdvertisedHost, o.Kafka.AutoCreateTopics, o.Kafka.ClusterId, o.Kafka.NodeId));
        Assert.Equal((12, 2 << 20, 32 << 20, 3 << 20, 5, 1 << 20, 60.0), (o.Kafka.MaxConnections, o.Kafka.MaxRequestBytes, o.Kafka.MaxInFlightBytes, o.Kafka.MaxInFlightBytesPerConnection, o.Kafka.MaxInFlightRequests, o.Kafka.MaxFetchBytes, o.Kafka.IdleTimeout.TotalSeconds));
        Assert.Equal((18080, "0.0.0.0", true, 2, 1 << 20, 5.0), (o.Http.Port, o.Http.BindAddress, o.Http.UnsafePlaintext, o.Http.AllowedHosts.Count, o.Http.MaxBodyBytes, o.Kafka.TransferTimeout.TotalSeconds));
        Assert.Equal((16 << 10, 8 << 20, 2L << 30, 1L << 20, 8 << 20), (o.Ingest.MaxRecordBytes, o.Ingest.MaxInFlightBytes, o.Log.MaxBytes, o.Log.MinFreeBytes, o.Log.SegmentBytes));
        Assert.Equal((StorageFailurePolicy.Exit, 5.0, 20.0, 4096), (o.OnStorageFailure, o.RetentionInterval.TotalSeconds, o.Log.Linger.TotalMilliseconds, o.Log.PadBytes));
        Assert.Equal((false, "a:1,b:2", "at-least-once", "{site}.{topic}", "{key}", 2, 1, false), (o.Sync.Enabled, o.Sync.BootstrapServers, o.Sync.Delivery, o.Sync.Topic, o.Sync.Key, o.Sync.Include.Count, o.Sync.Exclude.Count, o.Sync.CreateTopics));
        Assert.Equal((2, 6, 3.0, 50.0, 65536, 8192, 1 << 20, 100), (o.Sync.ReplicationFactor, o.Sync.Partitions, o.Sync.RetentionTime.TotalDays, o.Sync.Linger.TotalMilliseconds, o.Sync.MaxBatchBytes, o.Sync.MessageMaxBytes, o.Sync.MaxInFlightBytes, o.Sync.MaxInFlightRecords));
        Assert.Equal((2.0, 20.0, 3.0, 10.0, 60.0, 60.0, "lz4"), (o.Sync.BackoffMin.TotalSeconds, o.Sync.BackoffMax.TotalSeconds, o.Sync.CursorInterval.TotalSeconds, o.Sync.SocketTimeout.TotalSeconds, o.Sync.RetryPausedAfter.TotalSeconds, o.Sync.MetadataRefresh.TotalSeconds, o.Sync.Compression));
        Assert.Equal(2.0, o.Sync.FleetInterval.TotalMinutes);
        Assert.Equal((2 << 20, 45.0, "replay", "hold", "/run/secrets/kafka"), (o.Sync.CatchUpBytes, o.Sync.TransactionTimeout.TotalSeconds, o.Sync.CursorLost, o.Sync.StaleBacklog, o.Sync.ClientFiles["ssl.key.password"]));
        Assert.Equal("secret", o.Sync.Client["sasl.password"]);
        Assert.Equal((3, 1000L, 2000L), (o.Ingest.DefaultPartitions, o.Ingest.TopicDefaults.RetentionMs, o.Ingest.TopicDefaults.RetentionBytes));
        Assert.Equal((1, -1L, 5000L), (o.Topics["alarms"].Partitions, o.Topics["alarms"].Config.RetentionMs, o.Topics["alarms"].Config.RetentionBytes));
        Assert.Equal(("a/+", "t", "{1}", 5, "json", "{$.ts}", "{$.v}"), (o.Routes[0].Filter, o.Routes[0].Topic, o.Routes[0].Key, o.Routes[0].Priority, o.Routes[0].Payload, o.Routes[0].Timestamp, o.Routes[0].Value));
        Assert.Equal((100.0, 8, SampleCombination.Median, 4, 30.0, 60.0, SensorPayload.Cbor), (o.Sensors[0].Jitter.TotalMilliseconds, o.Sensors[0].Oversample, o.Sensors[0].Combine, o.Sensors[0].Retries, o.Sensors[0].StaleAfter.TotalSeconds, o.Sensors[0].Heartbeat.TotalSeconds, o.Sensors[0].Payload));
        Assert.Equal(("0.5", "offset 3", "degF", "0..9"), (o.Sensors[0].Deadband["cpu/temperature"], o.Sensors[0].Calibration["uptime"], o.Sensors[0].Units["cpu/temperature"], o.Sensors[0].Range["uptime"]));
        Assert.Equal((true, "pi4", 9, false, "", false), (o.Hardware.Simulate, o.Hardware.Board, o.Hardware.SimulationSeed, o.Hardware.SimulationFaults, o.Hardware.Trace, o.Hardware.RecoverBuses));
        Assert.Equal(("box", "host", "own", "{sensor}", 5.0, "/"), (o.Sensors[0].Name, o.Sensors[0].Driver, o.Sensors[0].Topic, o.Sensors[0].Key, o.Sensors[0].Interval.TotalSeconds, o.Sensors[0].Settings["disks"]));
    }

    public static TheoryData<string> TypedKeys() => [.. ConfigKeys.All.Where(static k => k.Kind is not (ConfigKind.Text or ConfigKind.List) || k.Name.Contains('.')).Where(static k => !k.IsSecret).Select(static k => k.Name)];

    [Theory]
    [MemberData(nameof(TypedKeys))]
    public void Load_ValueThatIsNot_NamesKeyValueAndWhatIsAllowed(string name)
    {
        ConfigKey key = ConfigKeys.All.Single(k => k.Name == name);
        string given = name.Replace("*", name.StartsWith("Topics", StringComparison.Ordinal) ? "some" : "0", StringComparison.Ordinal);
        var refused = Assert.Throws<ConfigException>(() => ConfigLoader.Load(new ConfigInput(null, new Hashtable(), [$"{given}=no such thing"])));
        ConfigProblem problem = Assert.Single(refused.Problems, p => p.Key == given);
        Assert.Equal(("no such thing", key.Allowed, "--set"), (problem.Value, problem.Allowed, problem.Origin));
    }

    public static TheoryData<string, string> OutOfRange()
    {
        var data = new TheoryData<string, string>();
        foreach (ConfigKey key in ConfigKeys.All.Where(static k => k.Kind is ConfigKind.Number or ConfigKind.Size or ConfigKind.Duration))
        {
            string unit = key.Kind == ConfigKind.Duration ? "ms" : "", name = key.Name.Replace("*", key.Name.StartsWith("Topics", StringComparison.Ordinal) ? "some" : "0", StringComparison.Ordinal);
            if (key.Minimum > 0 || key.Kind == ConfigKind.Number) data.Add(name, $"{key.Minimum - 1}{unit}");
            if (key.Maximum is < long.MaxValue and not int.MaxValue) data.Add(name, $"{key.Maximum + 1}{unit}");
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Load_ValueOutOfRange_IsRefused(string name, string value)
    {
        var refused = Assert.Throws<ConfigException>(() => ConfigLoader.Load(new ConfigInput(null, new Hashtable(), [$"{name}={value}"])));
        Assert.Contains(refused.Problems, p => p.Key == name && p.Value == value);
    }

    [Fact]
    public void Schema_OfAllKeys_IsJsonWithEveryKey()
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body)) ConfigSchema.Write(json);
        using JsonDocument schema = JsonDocument.Parse(body.WrittenMemory);
        JsonElement mqtt = schema.RootElement.GetProperty("properties").GetProperty("Mqtt").GetProperty("properties");
        Assert.Equal(65535, mqtt.GetProperty("Port").GetProperty("maximum").GetInt32());
        JsonElement route = schema.RootElement.GetProperty("properties").GetProperty("Routes").GetProperty("items").GetProperty("properties");
        Assert.Equal("string", route.GetProperty("Filter").GetProperty("type").GetString());
        string text = System.Text.Encoding.UTF8.GetString(body.WrittenSpan);
        foreach (ConfigKey key in ConfigKeys.All.Where(static k => k.Parts[^1] != "*")) Assert.Contains($"\"{key.Parts[^1]}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ReferencePage_InTheRepository_IsWhatTheTableSays() =>
        Assert.Equal(ConfigSchema.Markdown().TrimEnd(), File.ReadAllText(Path.Combine(ToolPath.Root, "docs", "reference", "configuration.md")).TrimEnd());

    [Fact]
    public void Effective_Secrets_AreNotShown() =>
        Assert.DoesNotContain(ConfigSchema.Effective(LoadSamples()), static e => e.Value == "secret");

    private static (ConfigKey Key, string Wild) KeyOf(string name)
    {
        foreach (ConfigKey key in ConfigKeys.All)
            if (key.Matches(name.Split(':'), out string wild)) return (key, wild);
        throw new InvalidOperationException($"No key {name}.");
    }
}
