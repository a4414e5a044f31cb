using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Edge.Crash.Tests.Publishing;
using Edge.Testing.Ledger;
using Edge.Testing.Network;
using Edge.Testing.Processes;

namespace Edge.Crash.Tests.Killing;

/// <summary>Publishes to the real process while it, or the hub it forwards to, is killed with SIGKILL again and again, and compares the stores with what was acknowledged.</summary>
internal sealed class KillLoop(KillOptions options, Action<string> progress)
{
    private const string Topic = "telemetry";
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromMinutes(2);

    private readonly AckLedger _ledger = new();
    private readonly Random _random = new(options.Seed);
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _kills, _hubKills;

    /// <exception cref="TimeoutException">Publishing or draining did not come to an end.</exception>
    public async Task<KillReport> RunAsync()
    {
        using var data = new TempDirectory();
        // The hub's address must outlive the hub: clients are told to come back to it.
        int hubPort = FreePort.Take();
        EdgeProcess hub = await EdgeProcess.StartAsync(new EdgeStart("hub", data.At("hub")) { Executable = options.Executable, Ports = new(0, hubPort, 0) });
        EdgeProcess? edge = null;
        try
        {
            edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.At("edge"))
            {
                Executable = options.Executable,
                Settings = ["Sync:Enabled=true", $"Sync:BootstrapServers=127.0.0.1:{hubPort}", "Sync:BackoffMax=1s", "Sync:Linger=50ms"],
            });
            using var late = new CancellationTokenSource(options.Timeout);
            RawPublisher[] publishers = [.. Enumerable.Range(0, options.Connections).Select(i => new RawPublisher(i, edge.Ports.Mqtt, Share(i), options.Window, _ledger))];
            Task publishing = Task.WhenAll(publishers.Select(p => Task.Run(() => p.RunAsync(late.Token))));
            foreach ((long at, bool isHub) in Plan())
            {
                if (isHub) await ReachedAsync(hub, at, late.Token);
                else await Task.WhenAny(publishing, ReachedAsync(at, late.Token));
                if (publishing.IsFaulted) break;
                if (isHub) hub = await KillAsync(hub, "hub");
                else edge = await KillAsync(edge, "appliance");
                _ = isHub ? _hubKills++ : _kills++;
                progress(string.Create(CultureInfo.InvariantCulture, $"{_ledger.Count} of {options.Messages} acknowledged; killed the {(isHub ? "hub" : "appliance")}, ready again after {(isHub ? hub : edge).TimeToReady.TotalMilliseconds:0} ms"));
            }
            await publishing;
            progress($"all acknowledged, {publishers.Sum(static p => p.Reconnects)} reconnects; draining to the hub");
            await DrainedAsync(edge);
            return Compare(edge, hub);
        }
        catch
        {
            progress($"failed; data kept in {data.Keep()}\n--- appliance\n{edge?.Output}\n--- hub\n{hub.Output}");
            throw;
        }
        finally
        {
            if (edge is not null) await edge.DisposeAsync();
            await hub.DisposeAsync();
        }
    }

    /// <summary>Messages of one connection: their sum is the total.</summary>
    private int Share(int connection) => options.Messages / options.Connections + (connection < options.Messages % options.Connections ? 1 : 0);

    /// <summary>Kills, spread over the run by what is acknowledged (the appliance's) and by what has arrived (the hub's), not by time, so that a slow machine is tested the same.</summary>
    private List<(long At, bool IsHub)> Plan()
    {
        int total = options.Kills + options.HubKills;
        bool[] isHub = [.. Enumerable.Repeat(false, options.Kills), .. Enumerable.Repeat(true, options.HubKills)];
        _random.Shuffle(isHub);
        long step = options.Messages / (total + 1);
        return [.. isHub.Select((hub, i) => (step * i + _random.NextInt64(step / 4 + 1, step + 1), hub))];
    }

    private async Task ReachedAsync(long acknowledged, CancellationToken cancellationToken)
    {
        while (_ledger.Count < acknowledged) await Task.Delay(1, cancellationToken);
    }

    private static Task ReachedAsync(EdgeProcess hub, long arrived, CancellationToken cancellationToken) => Eventually.TrueAsync(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        using JsonDocument topic = await hub.GetJsonAsync($"/api/v1/topics/{Topic}");
        return topic.RootElement.TryGetProperty("records", out JsonElement records) && records.GetInt64() >= arrived;
    }, DrainTimeout, () => $"{arrived} records are at the hub");

    private static async Task<EdgeProcess> KillAsync(EdgeProcess process, string name)
    {
        await process.KillAsync();
        await using (process)
        {
            try { return await process.StartAgainAsync(); }
            catch (EdgeStartException e) { throw new InvalidOperationException($"The {name} did not come back after kill -9: {e.Message}", e); }
        }
    }

    private static async Task DrainedAsync(EdgeProcess edge)
    {
        string last = "";
        await Eventually.TrueAsync(async () =>
        {
            using JsonDocument status = await edge.GetJsonAsync("/api/v1/status");
            JsonElement sync = status.RootElement.GetProperty("sync");
            last = sync.ToString();
            // The partitions must be known to the forwarder before an empty backlog means anything.
            return sync.GetProperty("backlogRecords").GetInt64() == 0 && sync.GetProperty("partitions").EnumerateArray().Any(static p => p.GetProperty("topic").GetString() == Topic);
        }, DrainTimeout, () => $"the backlog is empty: {last}");
    }

    private KillReport Compare(EdgeProcess edge, EdgeProcess hub)
    {
        var problems = new List<string>();
        var local = new LedgerReading();
        var stored = new Dictionary<(int Partition, long Offset), (int Client, long Sequence)>();
        var partitionOf = new Dictionary<int, int>();
        KafkaTopicReader.Read(edge.KafkaAddress, Topic, record =>
        {
            (int client, long sequence) = CrashMessage.Decode(record.Message.Value);
            if (partitionOf.TryGetValue(client, out int partition) ? partition != record.Partition : !partitionOf.TryAdd(client, record.Partition)) problems.Add($"client {client} is in partitions {partition} and {record.Partition.Value}");
            stored.Add((record.Partition, record.Offset), (client, sequence));
            local.Add(client, sequence);
        });
        Check("the log", local, problems);
        var atHub = new LedgerReading();
        var arrived = new HashSet<string>(StringComparer.Ordinal);
        long copies = 0;
        long hubRecords = KafkaTopicReader.Read(hub.KafkaAddress, Topic, record =>
        {
            (int client, long sequence) = CrashMessage.Decode(record.Message.Value);
            string id = EdgeIdOf(record);
            string[] parts = id.Split('/');
            // A second copy is told apart by its edge.id; it must not confuse the order.
            if (!arrived.Add(string.Join('/', parts[..5])))
            {
                copies++;
                return;
            }
            if (!stored.TryGetValue((int.Parse(parts[3], CultureInfo.InvariantCulture), long.Parse(parts[4], CultureInfo.InvariantCulture)), out (int, long) original) || original != (client, sequence))
                problems.Add($"{id} at the hub is {client}:{sequence}, in the log {original}");
            atHub.Add(client, sequence);
        });
        Check("the hub", atHub, problems);
        if (arrived.Count != stored.Count) problems.Add($"{stored.Count} records in the log, {arrived.Count} different ones at the hub");
        if (copies > 0 && _kills + _hubKills == 0) problems.Add($"{copies} records forwarded twice without a crash");
        return new KillReport(options.Seed, _ledger.Count, _kills, _hubKills, local.Records, local.Copies, hubRecords, copies, Stopwatch.GetElapsedTime(_began), [.. problems.Take(20)]);
    }

    private void Check(string where, LedgerReading reading, List<string> problems)
    {
        IReadOnlyList<string> missing = reading.Missing(_ledger);
        if (missing.Count > 0) problems.Add($"acknowledged but not in {where}: {string.Join(", ", missing)}");
        if (reading.Reordered.Count > 0) problems.Add($"out of order in {where}: {string.Join(", ", reading.Reordered)}");
    }

    private static string EdgeIdOf(ConsumeResult<byte[], byte[]> record) =>
        record.Message.Headers.TryGetLastBytes("edge.id", out byte[] id) ? System.Text.Encoding.UTF8.GetString(id) : throw new InvalidDataException($"A record at the hub without edge.id: {record.TopicPartitionOffset}.");
}
