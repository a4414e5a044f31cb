using System.Text.Json;
using Edge.Testing.Ledger;
using Edge.Testing.Processes;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Xunit;

namespace Edge.Integration.Tests.EndToEnd;

/// <summary>A reading travels the whole way: MQTT in, Kafka out of the device, forwarded to the hub, audited there. Real processes.</summary>
[Trait("Category", "Slow")]
public sealed class EndToEndTests
{
    [Fact]
    public Task Drive_LibraryClients_EveryReadingArrivesOnceAndTheAuditSaysSo() => DriveAsync(EdgeExecutable.Default);

    // Goal: every library works inside the native build. Method: the same drive; MQTT in, Kafka out, LiteDB written, forwarded by librdkafka.
    [RequiresNativeEdgeFact]
    public Task Drive_NativeBuild_EveryReadingArrivesOnceAndTheAuditSaysSo() => DriveAsync(EdgeExecutable.Native!);

    [RequiresToolFact("mosquitto_pub", "kcat")]
    public async Task Drive_MosquittoAndKcat_EveryReadingArrives()
    {
        await using EdgePair pair = await EdgePair.StartAsync(EdgeExecutable.Default);
        string port = pair.Edge.Ports.Mqtt.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var sent = new List<string>();
        foreach (string version in new[] { "mqttv311", "mqttv5" })
        {
            foreach (string qos in new[] { "0", "1" })
            {
                string[] lines = [.. Enumerable.Range(0, 50).Select(i => $"{version}-{qos}-{i}")];
                CommandResult published = await Command.RunAsync(ToolPath.Find("mosquitto_pub")!, ["-h", "127.0.0.1", "-p", port, "-V", version, "-q", qos, "-t", $"sensors/{version}/{qos}", "-l"],
                    input: System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
                Assert.True(published.ExitCode == 0, published.ToString());
                sent.AddRange(lines);
            }
        }
        await StoredAsync(pair, sent.Count);
        CommandResult read = await Command.RunAsync(ToolPath.Find("kcat")!, ["-b", pair.Edge.KafkaAddress, "-C", "-t", "telemetry", "-o", "beginning", "-e", "-q", "-f", "%k %s\n"]);
        Assert.True(read.ExitCode == 0, read.ToString());
        string[] expected = [.. sent.Select(static m => m.Split('-')).Select(static p => $"sensors/{p[0]}/{p[1]} {p[0]}-{p[1]}-{p[2]}").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, read.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        await pair.DrainedAsync("telemetry", sent.Count);
        CommandResult hub = await Command.RunAsync(ToolPath.Find("kcat")!, ["-b", pair.Hub.KafkaAddress, "-C", "-t", "telemetry", "-o", "beginning", "-e", "-q", "-f", "%s\n"]);
        Assert.Equal(sent.Order(StringComparer.Ordinal), hub.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [RequiresToolFact("mosquitto_sub")]
    public async Task Subscribe_MosquittoSub_GetsWhatIsPublishedLater()
    {
        await using EdgePair pair = await EdgePair.StartAsync(EdgeExecutable.Default);
        string port = pair.Edge.Ports.Mqtt.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Task<CommandResult> subscriber = Command.RunAsync(ToolPath.Find("mosquitto_sub")!, ["-h", "127.0.0.1", "-p", port, "-q", "1", "-t", "live/#", "-C", "20", "-W", "40", "-v"], timeout: TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(async () =>
        {
            using JsonDocument status = await pair.Edge.GetJsonAsync("/api/v1/status");
            return status.RootElement.GetProperty("mqtt").GetProperty("subscriptions").GetInt64() == 1;
        }, TimeSpan.FromSeconds(20), () => "the subscription is there");
        await MqttPublisher.PublishAsync(pair.Edge.Ports.Mqtt, MqttProtocolVersion.V500, MqttQualityOfServiceLevel.AtLeastOnce, "live/a", Enumerable.Range(0, 20).Select(static i => $"m{i}"), "live");
        CommandResult got = await subscriber;
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"live/a m{i}"), got.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task DriveAsync(string executable)
    {
        await using EdgePair pair = await EdgePair.StartAsync(executable);
        var sent = new List<string>();
        foreach (MqttProtocolVersion version in new[] { MqttProtocolVersion.V311, MqttProtocolVersion.V500 })
        {
            foreach (MqttQualityOfServiceLevel qos in new[] { MqttQualityOfServiceLevel.AtMostOnce, MqttQualityOfServiceLevel.AtLeastOnce })
            {
                string[] messages = [.. Enumerable.Range(0, 50).Select(i => $"{version} {qos} {i}")];
                await MqttPublisher.PublishAsync(pair.Edge.Ports.Mqtt, version, qos, $"sensors/{version}/{qos}", messages, $"drive-{version}-{qos}");
                sent.AddRange(messages);
            }
        }
        await StoredAsync(pair, sent.Count);
        Assert.Equal(sent.Order(StringComparer.Ordinal), EdgePair.Values(pair.Edge, "telemetry").Order(StringComparer.Ordinal));

        await pair.DrainedAsync("telemetry", sent.Count);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var delivered = new List<string>();
        KafkaTopicReader.Read(pair.Hub.KafkaAddress, "telemetry", record =>
        {
            Assert.True(record.Message.Headers.TryGetLastBytes("edge.id", out byte[] id));
            Assert.True(ids.Add(System.Text.Encoding.UTF8.GetString(id)));
            delivered.Add(System.Text.Encoding.UTF8.GetString(record.Message.Value));
        });
        Assert.Equal(sent.Order(StringComparer.Ordinal), delivered.Order(StringComparer.Ordinal));

        CommandResult audit = await pair.CommandAsync("audit", "--bootstrap", pair.Hub.KafkaAddress, "--topic", "telemetry", "--json");
        Assert.True(audit.ExitCode == 0, audit.ToString());
        using JsonDocument total = JsonDocument.Parse(audit.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.Equal("ok", total.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(sent.Count, total.RootElement.GetProperty("delivered").GetInt64());

        // The catalog is written in the background: LiteDB inside this build.
        await Eventually.TrueAsync(async () => (await pair.Edge.GetTextAsync("/api/v1/devices")).Contains("drive-V500-AtLeastOnce", StringComparison.Ordinal), TimeSpan.FromSeconds(30), () => $"the device is in the catalog\n{pair.Edge.Output}");
        Assert.NotEmpty(CatalogFiles(pair.EdgeData));
        Assert.True(await pair.Edge.StopAsync() == 0, pair.Edge.Output.ToString());
        Assert.True(await pair.Hub.StopAsync() == 0, pair.Hub.Output.ToString());
    }

    internal static string[] CatalogFiles(string data) => Directory.GetFiles(data, "*.db", SearchOption.AllDirectories);

    /// <summary>QoS 0 is not acknowledged: until everything is durable.</summary>
    private static async Task StoredAsync(EdgePair pair, int count)
    {
        string last = "";
        await Eventually.TrueAsync(async () =>
        {
            using JsonDocument topic = await pair.Edge.GetJsonAsync("/api/v1/topics/telemetry");
            last = topic.RootElement.ToString();
            return topic.RootElement.TryGetProperty("records", out JsonElement records) && records.GetInt64() == count;
        }, TimeSpan.FromSeconds(20), () => $"{count} records are stored: {last}");
    }
}
