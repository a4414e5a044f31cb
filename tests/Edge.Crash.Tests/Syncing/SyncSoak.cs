using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Edge.Testing.Ledger;
using Edge.Testing.Network;
using Edge.Testing.Processes;

namespace Edge.Crash.Tests.Syncing;

/// <summary>The real appliance forwards in transactions while it is killed, its link fails, and the centre is killed and frozen, at random from a seed. Then the log and the centre are compared.</summary>
internal sealed class SyncSoak(SoakOptions options, Action<string> progress)
{
    private const string Topic = "soak";
    private const int RecordsPerRequest = 100;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromMinutes(2);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Random _random = new(options.Seed);
    private readonly long _began = Stopwatch.GetTimestamp();
    private volatile EdgeProcess? _edge;
    private int _kills, _cuts, _brokersKilled, _frozen;
    private long _written;

    public async Task<SoakReport> RunAsync()
    {
        using var data = new TempDirectory();
        await using SoakCentre centre = await SoakCentre.StartAsync(options, data.At("centre"));
        using var stop = new CancellationTokenSource();
        try
        {
            _edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.At("edge"))
            {
                Executable = options.Executable,
                Settings = ["Sync:Enabled=true", $"Sync:BootstrapServers={centre.BootstrapServers}", "Sync:BackoffMin=100ms", "Sync:BackoffMax=1s", "Sync:Linger=50ms", "Sync:SocketTimeout=3s",
                    "Sync:TransactionTimeout=10s", "Sync:Partitions=6", "Sync:Client:topic.metadata.refresh.fast.interval.ms=100"],
            });
            Task writing = Task.Run(() => WriteAsync(stop.Token));
            while (_kills < options.Kills || _cuts < options.Cuts || Stopwatch.GetElapsedTime(_began) < options.Time)
            {
                await HurtAsync(centre);
                await Task.Delay(_random.Next(50, 600));
            }
            await stop.CancelAsync();
            await writing;
            progress($"{_written} written, draining");
            foreach (FaultProxy link in centre.Links) link.Restore();
            await DrainedAsync();
            return Compare(centre);
        }
        catch
        {
            await stop.CancelAsync();
            progress($"failed (seed {options.Seed}); data kept in {data.Keep()}\n--- appliance\n{_edge?.Output}");
            throw;
        }
        finally
        {
            if (_edge is not null) await _edge.DisposeAsync();
        }
    }

    private async Task HurtAsync(SoakCentre centre)
    {
        FaultProxy link = centre.Links[_random.Next(centre.Brokers)];
        int broker = _random.Next(centre.Brokers), what = _random.Next(options.HurtsCentre ? 100 : 84);
        if (what < 42)
        {
            EdgeProcess killed = _edge!;
            await killed.KillAsync();
            _edge = await killed.StartAgainAsync();
            await killed.DisposeAsync();
            _kills++;
            progress($"kill {_kills}: the appliance is ready again after {_edge.TimeToReady.TotalMilliseconds:0} ms");
        }
        else if (what < 84)
        {
            _cuts++;
            await FailAsync(centre, link, _random.Next(6));
        }
        else if (what < 92)
        {
            _brokersKilled++;
            progress($"broker {broker} killed");
            await centre.KillAsync(broker, TimeSpan.FromMilliseconds(_random.Next(500, 4000)));
        }
        else
        {
            _frozen++;
            progress($"broker {broker} frozen");
            await centre.FreezeAsync(broker, TimeSpan.FromMilliseconds(_random.Next(300, 4000)));
        }
    }

    private async Task FailAsync(SoakCentre centre, FaultProxy link, int kind)
    {
        progress($"cut {_cuts}: {kind switch { 0 => "cut", 1 => "blackhole", 2 => "half-open", 3 => "reset in the middle of an answer", 4 => "slow, then reset", _ => "reset" }}");
        switch (kind)
        {
            case 0: foreach (FaultProxy each in centre.Links) each.Cut(); break;
            case 1: link.Blackhole = true; break;
            case 2: link.SwallowAnswers = true; break;
            case 3: link.ResetAfterAnswerBytes = _random.Next(1, 600); break;
            case 4: link.Delay = TimeSpan.FromMilliseconds(80); break;
            default: link.ResetAll(); break;
        }
        await Task.Delay(_random.Next(100, kind is 1 or 2 ? 4000 : 1000));
        (link.Blackhole, link.SwallowAnswers, link.ResetAfterAnswerBytes, link.Delay) = (false, false, 0, TimeSpan.Zero);
        if (kind is 1 or 4 && _random.Next(2) == 0) link.ResetAll(); // else what was held up arrives late
        foreach (FaultProxy each in centre.Links) each.Restore();
    }

    /// <summary>About 2,000 records a second over HTTP; what was not answered is not sent again: the log is the account.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var body = new StringBuilder();
        while (!cancellationToken.IsCancellationRequested)
        {
            body.Clear();
            for (int i = 0; i < RecordsPerRequest; i++) body.Append(CultureInfo.InvariantCulture, $"{{\"key\":\"k{_written % 40}\",\"value\":\"record {_written++} of the soak, as long as a reading with its unit\"}}\n");
            try
            {
                using var content = new StringContent(body.ToString());
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                using HttpResponseMessage answer = await Http.PostAsync(new Uri($"{_edge!.Url}/api/v1/topics/{Topic}/records"), content, CancellationToken.None);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or InvalidOperationException or SocketException or IOException) { } // killed just now
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private async Task DrainedAsync()
    {
        string last = "";
        await Eventually.TrueAsync(async () =>
        {
            using JsonDocument status = await _edge!.GetJsonAsync("/api/v1/status");
            JsonElement sync = status.RootElement.GetProperty("sync");
            last = sync.ToString();
            return sync.GetProperty("backlogRecords").GetInt64() == 0 && sync.GetProperty("partitions").EnumerateArray().Any(static p => p.GetProperty("topic").GetString() == Topic);
        }, DrainTimeout, () => $"the backlog is empty: {last}");
    }

    private SoakReport Compare(SoakCentre centre)
    {
        var stored = new Dictionary<(int Partition, long Offset), string>();
        KafkaTopicReader.Read(_edge!.KafkaAddress, Topic, record => stored.Add((record.Partition, record.Offset), Encoding.UTF8.GetString(record.Message.Value)));
        var arrived = new HashSet<(int, long)>();
        var highest = new Dictionary<(int Central, int Local), long>();
        long duplicated = 0, reordered = 0, wrong = 0;
        KafkaTopicReader.Read(centre.BootstrapServers, Topic, record =>
        {
            string[] id = record.Message.Headers.TryGetLastBytes("edge.id", out byte[] header) ? Encoding.UTF8.GetString(header).Split('/') : [];
            if (id.Length != 6 || !int.TryParse(id[3], CultureInfo.InvariantCulture, out int partition) || !long.TryParse(id[4], CultureInfo.InvariantCulture, out long offset)
                || !stored.TryGetValue((partition, offset), out string? value) || value != Encoding.UTF8.GetString(record.Message.Value))
            {
                wrong++;
                return;
            }
            if (!arrived.Add((partition, offset))) duplicated++;
            if (highest.TryGetValue((record.Partition, partition), out long last) && offset <= last) reordered++;
            highest[(record.Partition, partition)] = offset;
        });
        if (wrong > 0) throw new InvalidDataException($"{wrong} records at the centre are not in the log (seed {options.Seed}).");
        return new SoakReport(options.Seed, _kills, _cuts, _brokersKilled, _frozen, stored.Count, stored.Count - arrived.Count, duplicated, reordered, Stopwatch.GetElapsedTime(_began));
    }
}
