using Edge.Testing.Network;
using Xunit;

namespace Edge.CloudSync.Tests.Centre;

/// <summary>A centre behind a link that fails: Apache Kafka or a hub, started when first asked for, shared by the tests of one class.</summary>
/// <remarks>Clients reach it through <see cref="Link"/> and, behind that, <see cref="Requests"/>: the centre advertises the link's address.</remarks>
public abstract class TestCentre : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1);
    private bool _isUp;

    protected TestCentre()
    {
        Requests = new KafkaProxy();
        Link = new FaultProxy(Requests.Port);
    }

    public FaultProxy Link { get; }
    public KafkaProxy Requests { get; }
    public string BootstrapServers => $"127.0.0.1:{Link.Port}";

    public async Task UpAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (!_isUp) Requests.UpstreamPort = await StartAsync();
            _isUp = true;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>SIGKILL, and a start on the same data and port.</summary>
    public abstract Task KillAndStartAgainAsync();

    public abstract void Freeze();
    public abstract void Thaw();

    /// <summary>Nothing: tests that are skipped start no centre.</summary>
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_isUp) await StopAsync();
        await Link.DisposeAsync();
        await Requests.DisposeAsync();
        _starting.Dispose();
    }

    /// <returns>The port it listens on.</returns>
    protected abstract Task<int> StartAsync();

    protected abstract Task StopAsync();
}
