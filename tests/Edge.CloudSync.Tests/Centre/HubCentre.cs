using Edge.Testing.Processes;

namespace Edge.CloudSync.Tests.Centre;

/// <summary>The real program as the centre: <c>edge hub</c>.</summary>
public sealed class HubCentre : TestCentre
{
    private readonly TempDirectory _data = new();
    private EdgeProcess? _hub;

    public override async Task KillAndStartAgainAsync()
    {
        await _hub!.KillAsync();
        EdgeProcess killed = _hub;
        _hub = await killed.StartAgainAsync();
        await killed.DisposeAsync();
    }

    public override void Freeze() => Signals.Freeze(_hub!.Pid);
    public override void Thaw() => Signals.Thaw(_hub!.Pid);

    protected override async Task<int> StartAsync()
    {
        _hub = await EdgeProcess.StartAsync(new EdgeStart("hub", _data.At("hub")) { Settings = [$"Kafka:AdvertisedHost=127.0.0.1:{Link.Port}"] });
        return _hub.Ports.Kafka;
    }

    protected override async Task StopAsync()
    {
        Thaw();
        await _hub!.DisposeAsync();
        _data.Dispose();
    }
}
