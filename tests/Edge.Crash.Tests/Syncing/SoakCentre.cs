using Edge.Testing.Centres;
using Edge.Testing.Network;
using Edge.Testing.Processes;

namespace Edge.Crash.Tests.Syncing;

/// <summary>The centre of a sync soak, a hub or Apache Kafka, each broker behind a link of its own.</summary>
internal sealed class SoakCentre : IAsyncDisposable
{
    private readonly KafkaCluster? _kafka;
    private EdgeProcess? _hub;

    private SoakCentre(FaultProxy[] links, KafkaCluster? kafka, EdgeProcess? hub) => (Links, _kafka, _hub) = (links, kafka, hub);

    public FaultProxy[] Links { get; }
    public int Brokers => Links.Length;

    /// <summary>As the appliance reaches it.</summary>
    public string BootstrapServers => string.Join(',', Links.Select(link => $"127.0.0.1:{link.Port}"));

    public static async Task<SoakCentre> StartAsync(SoakOptions options, string folder)
    {
        if (options.Brokers == 0)
        {
            var link = new FaultProxy(1);
            EdgeProcess hub = await EdgeProcess.StartAsync(new EdgeStart("hub", folder) { Executable = options.Executable, Settings = [$"Kafka:AdvertisedHost=127.0.0.1:{link.Port}"] });
            link.UpstreamPort = hub.Ports.Kafka;
            return new SoakCentre([link], null, hub);
        }
        FaultProxy[] links = [.. Enumerable.Range(0, options.Brokers).Select(_ => new FaultProxy(1))];
        KafkaCluster kafka = await Task.Run(() => KafkaCluster.Behind([.. links.Select(link => link.Port)], (broker, port) => links[broker].UpstreamPort = port));
        return new SoakCentre(links, kafka, null);
    }

    /// <summary>SIGKILL; a hub is back at once, a broker after some time without it.</summary>
    public async Task KillAsync(int broker, TimeSpan away)
    {
        if (_kafka is not null)
        {
            await Task.Run(() => _kafka.Kill(broker + 1));
            await Task.Delay(away);
            await Task.Run(() => _kafka.StartAgain(broker + 1));
            return;
        }
        EdgeProcess killed = _hub!;
        await killed.KillAsync();
        await Task.Delay(away / 4);
        _hub = await killed.StartAgainAsync();
        await killed.DisposeAsync();
    }

    public async Task FreezeAsync(int broker, TimeSpan time)
    {
        if (_kafka is not null) _kafka.Freeze(broker + 1);
        else Signals.Freeze(_hub!.Pid);
        await Task.Delay(time);
        if (_kafka is not null) _kafka.Thaw(broker + 1);
        else Signals.Thaw(_hub!.Pid);
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
        {
            Signals.Thaw(_hub.Pid);
            await _hub.DisposeAsync();
        }
        _kafka?.Dispose();
        foreach (FaultProxy link in Links) await link.DisposeAsync();
    }
}
