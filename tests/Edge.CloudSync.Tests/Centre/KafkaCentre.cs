using Edge.Testing.Centres;
using Edge.Testing.Network;

namespace Edge.CloudSync.Tests.Centre;

/// <summary>One broker of Apache Kafka as the centre.</summary>
public sealed class KafkaCentre : TestCentre
{
    private KafkaCluster? _cluster;

    public override Task KillAndStartAgainAsync() => Task.Run(() =>
    {
        _cluster!.Kill();
        _cluster.StartAgain();
    });

    public override void Freeze() => _cluster!.Freeze();
    public override void Thaw() => _cluster!.Thaw();

    protected override Task<int> StartAsync() => Task.Run(() =>
    {
        int port = FreePort.Take();
        Requests.UpstreamPort = port; // the cluster waits for itself at the address it advertises
        _cluster = new KafkaCluster(1, port, $"advertised.listeners=PLAINTEXT://127.0.0.1:{Link.Port}", "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000");
        return port;
    });

    protected override Task StopAsync()
    {
        _cluster!.Dispose();
        return Task.CompletedTask;
    }
}
