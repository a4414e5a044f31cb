using System.Text.Json;
using Edge.Testing.Ledger;
using Edge.Testing.Processes;

namespace Edge.Integration.Tests.EndToEnd;

/// <summary>An appliance and the hub it forwards to: two real processes.</summary>
internal sealed class EdgePair : IAsyncDisposable
{
    private readonly TempDirectory _data = new();

    private EdgePair(string executable) => Executable = executable;

    public string Executable { get; }
    public EdgeProcess Hub { get; private set; } = null!;
    public EdgeProcess Edge { get; set; } = null!;
    public string EdgeData => _data.At("edge");

    public static async Task<EdgePair> StartAsync(string executable)
    {
        var pair = new EdgePair(executable);
        try
        {
            pair.Hub = await EdgeProcess.StartAsync(new EdgeStart("hub", pair._data.At("hub")) { Executable = executable });
            pair.Edge = await EdgeProcess.StartAsync(new EdgeStart("run", pair.EdgeData)
            {
                Executable = executable,
                Settings = ["Sync:Enabled=true", $"Sync:BootstrapServers={pair.Hub.KafkaAddress}", "Sync:Linger=50ms", "Sync:BackoffMax=1s"],
            });
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Until the centre confirmed <paramref name="records"/> of a topic and nothing is left.</summary>
    public Task DrainedAsync(string topic, long records)
    {
        string last = "";
        return Eventually.TrueAsync(async () =>
        {
            using JsonDocument status = await Edge.GetJsonAsync("/api/v1/status");
            JsonElement sync = status.RootElement.GetProperty("sync");
            last = sync.ToString();
            long confirmed = sync.GetProperty("partitions").EnumerateArray().Where(p => p.GetProperty("topic").GetString() == topic).Sum(static p => p.GetProperty("next").GetInt64());
            return confirmed >= records && sync.GetProperty("backlogRecords").GetInt64() == 0;
        }, TimeSpan.FromSeconds(60), () => $"{records} records of {topic} confirmed: {last}\n{Edge.Output}\n{Hub.Output}");
    }

    /// <summary>Values of a topic as text, through the Kafka protocol.</summary>
    public static List<string> Values(EdgeProcess process, string topic)
    {
        var values = new List<string>();
        KafkaTopicReader.Read(process.KafkaAddress, topic, record => values.Add(System.Text.Encoding.UTF8.GetString(record.Message.Value)));
        return values;
    }

    public Task<CommandResult> CommandAsync(params string[] arguments) => Command.RunAsync(Executable, arguments, timeout: TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        if (Edge is not null) await Edge.DisposeAsync();
        if (Hub is not null) await Hub.DisposeAsync();
        _data.Dispose();
    }
}
