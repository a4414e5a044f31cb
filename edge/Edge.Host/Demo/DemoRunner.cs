using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Edge.CloudSync.Audit;

namespace Edge.Host.Demo;

/// <summary>Runs the main job: starts the processes, takes input, cuts the link, drains, audits, and ends everything it started.</summary>
internal sealed class DemoRunner : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250), DrainTimeout = TimeSpan.FromSeconds(90), AuditTimeout = TimeSpan.FromSeconds(120);

    private readonly DemoOptions _options;
    private readonly IDemoView _view;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(3) };
    private readonly List<string> _events = [];
    private readonly DemoRate _rate = new();
    private readonly string _data;
    private readonly long _start;
    private LinkProxy? _proxy;
    private DemoProcess? _hub, _appliance;
    private IReadOnlyList<string> _addresses = [];
    private bool _isPaused;
    private string _uplink = "starting"; // nobody but the appliance knows how it stands with a real cluster

    private DemoRunner(DemoOptions options, IDemoView view, TimeProvider time)
    {
        (_options, _view, _time, _start) = (options, view, time, time.GetTimestamp());
        _data = Path.GetFullPath(options.DataDirectory ?? Path.Combine("data", $"demo-{time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{Environment.ProcessId}"));
    }

    /// <summary>Until the time is over or the person ends it. Returns the exit code.</summary>
    public static async Task<int> RunAsync(DemoOptions options, IDemoView view, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var abort = new CancellationTokenSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true; // the first ends input, drains and audits; the second ends at once
            if (stop.IsCancellationRequested) abort.Cancel();
            else stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        await using var runner = new DemoRunner(options, view, time);
        try { return await runner.RunAsync(stop.Token, abort.Token).ConfigureAwait(false); }
        catch (Exception e) when (e is DemoException or AuditException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return e is AuditException ? 1 : 2;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Ended before the audit; the data is kept.").ConfigureAwait(false);
            return 1;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_appliance is not null) await _appliance.DisposeAsync().ConfigureAwait(false);
        if (_hub is not null) await _hub.DisposeAsync().ConfigureAwait(false);
        if (_proxy is not null) await _proxy.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
    }

    private TimeSpan Elapsed => _time.GetElapsedTime(_start);
    private string Bootstrap => _options.Centre ?? $"127.0.0.1:{_proxy!.Port}";
    private bool IsLinkUp => _proxy is null ? _uplink == "forwarding" : _proxy.IsUp;
    private string LinkText => _proxy is null ? (_isPaused ? "forwarding paused" : $"uplink {_uplink}") : _proxy.IsUp ? "link up" : "LINK CUT";

    private async Task<int> RunAsync(CancellationToken stop, CancellationToken abort)
    {
        foreach (string folder in new[] { "appliance", "centre" }) Directory.CreateDirectory(Path.Combine(_data, folder));
        await StartAsync(stop).ConfigureAwait(false);
        DemoStatus? end = null;
        await _view.LiveAsync(async show =>
        {
            await TakeInputAsync(show, stop, abort).ConfigureAwait(false);
            end = await DrainAsync(show, abort).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (end is null) throw new DemoException($"The appliance gives no account of itself; {_appliance!.LastWords()}");
        if (end.Backlog > 0) _view.Say($"{end.Backlog} records were not taken by the centre within {DrainTimeout.TotalSeconds:0} s{(end.SyncError is { } error ? $" ({error})" : "")}; they stay on the device in {_data}.");
        using var late = CancellationTokenSource.CreateLinkedTokenSource(abort);
        late.CancelAfter(AuditTimeout);
        DemoVerdict verdict = await DemoAudit.RunAsync(Bootstrap, end, _time, late.Token).ConfigureAwait(false);
        _view.Show(verdict);
        _view.Say($"Data and logs: {_data}");
        return verdict.IsClean ? 0 : 1;
    }

    private async Task StartAsync(CancellationToken stop)
    {
        if (_options.Centre is null)
        {
            _proxy = new LinkProxy();
            _view.Say("Starting the stand-in for the centre (edge hub) …");
            _hub = await DemoProcess.StartAsync("stand-in for the centre", Path.Combine(_data, "centre.log"), ["hub", "--data", Path.Combine(_data, "centre"),
                .. Set("Mqtt:Port=0", "Kafka:Port=0", "Http:Port=0", $"Kafka:AdvertisedHost=127.0.0.1:{_proxy.Port}")], stop).ConfigureAwait(false);
            _proxy.UpstreamPort = _hub.Ports["kafka"];
        }
        _view.Say("Starting the appliance (edge run) with this machine's sensors as input …");
        int[] wanted = [Preferred(1883, "MQTT"), Preferred(9092, "Kafka"), Preferred(8080, "HTTP")];
        _appliance = await StartApplianceAsync("run", $"Mqtt:Port={wanted[0]}", $"Kafka:Port={wanted[1]}", $"Http:Port={wanted[2]}", "Sensors:0:Driver=host", "Sensors:0:Interval=1s").ConfigureAwait(false);
        _addresses =
        [
            $"MQTT   127.0.0.1:{_appliance.Ports["mqtt"]}   publish:  mosquitto_pub -p {_appliance.Ports["mqtt"]} -q 1 -t sensors/kitchen/temperature -m 21.5",
            $"Kafka  127.0.0.1:{_appliance.Ports["kafka"]}   read:     kcat -b 127.0.0.1:{_appliance.Ports["kafka"]} -C -t host -o -10",
            $"HTTP   http://127.0.0.1:{_appliance.Ports["http"]}/api/v1/status",
            _options.Centre is null ? $"centre 127.0.0.1:{_proxy!.Port} (stand-in)   read:     kcat -b 127.0.0.1:{_proxy.Port} -C -t host -o -10" : $"centre {_options.Centre}",
        ];
        foreach (string line in _addresses) _view.Say("  " + line);
        if (_options.Outage > TimeSpan.Zero && _options.Centre is not null)
            _view.Say("  The brokers of a real cluster tell clients their own addresses, so nothing can stand between: the outage is a pause of forwarding.");

        Task<DemoProcess> StartApplianceAsync(string verb, params string[] settings) => StartOnDataAsync(verb, stop, settings);
    }

    private Task<DemoProcess> StartOnDataAsync(string verb, CancellationToken cancellationToken, params string[] settings) =>
        DemoProcess.StartAsync("appliance", Path.Combine(_data, "appliance.log"), [verb, "--data", Path.Combine(_data, "appliance"),
            .. Set("Sync:Enabled=true", $"Sync:BootstrapServers={Bootstrap}", "Sync:BackoffMax=2s"), .. Set(settings)], cancellationToken);

    private async Task TakeInputAsync(Action<DemoFrame> show, CancellationToken stop, CancellationToken abort)
    {
        TimeSpan began = Elapsed, cutAt = began + _options.OutageStart, restoreAt = cutAt + _options.Outage;
        bool isOutageDue = _options.Outage > TimeSpan.Zero, isCut = false;
        while (!stop.IsCancellationRequested && !(_options.Duration is { } duration && Elapsed - began >= duration))
        {
            if (_appliance!.HasExited) throw new DemoException($"The appliance ended by itself; {_appliance.LastWords()}");
            if (_hub is { HasExited: true }) throw new DemoException($"The stand-in for the centre ended by itself; {_hub.LastWords()}");
            if (isOutageDue && !isCut && Elapsed >= cutAt)
            {
                isCut = true;
                await CutAsync(abort).ConfigureAwait(false);
            }
            if (isCut && isOutageDue && Elapsed >= restoreAt)
            {
                isOutageDue = false;
                await RestoreAsync(abort).ConfigureAwait(false);
            }
            await ShowAsync(show, "taking input", abort).ConfigureAwait(false);
            await Task.Delay(Poll, _time, abort).ConfigureAwait(false);
        }
        if (isCut && isOutageDue) await RestoreAsync(abort).ConfigureAwait(false);
    }

    /// <summary>Ends all input, keeps forwarding until nothing is left or the time is over, and returns the device's account.</summary>
    /// <remarks>Input ends by starting the appliance again on the same data without sensors and on ports nobody was told:
    /// its log end offsets stand still from then on, so the account is exact. It also shows that forwarding goes on where it stopped.</remarks>
    private async Task<DemoStatus?> DrainAsync(Action<DemoFrame> show, CancellationToken abort)
    {
        Note("input ends: the appliance starts again on the same data, without sensors and on private ports, and goes on forwarding where it stopped");
        await ShowAsync(show, "ending input", abort).ConfigureAwait(false);
        await _appliance!.DisposeAsync().ConfigureAwait(false);
        _appliance = await StartOnDataAsync("hub", abort, "Mqtt:Port=0", "Kafka:Port=0", "Http:Port=0").ConfigureAwait(false);
        TimeSpan deadline = Elapsed + DrainTimeout;
        DemoStatus? status = null;
        while (Elapsed < deadline)
        {
            if (_appliance.HasExited) throw new DemoException($"The appliance ended by itself; {_appliance.LastWords()}");
            status = await ShowAsync(show, "draining", abort).ConfigureAwait(false) ?? status;
            if (status is { Backlog: 0 }) break;
            await Task.Delay(Poll, _time, abort).ConfigureAwait(false);
        }
        if (status is { Backlog: 0 }) Note("drained: the centre confirmed everything; auditing");
        await ShowAsync(show, "auditing", abort).ConfigureAwait(false);
        return status;
    }

    private async Task CutAsync(CancellationToken cancellationToken)
    {
        if (_proxy is not null)
        {
            _proxy.Cut();
            Note($"the link to the centre is CUT for {_options.Outage.TotalSeconds:0.#} s: connections reset, new ones refused");
            return;
        }
        await SyncAsync("pause", cancellationToken).ConfigureAwait(false);
        _isPaused = true;
        Note($"forwarding is PAUSED for {_options.Outage.TotalSeconds:0.#} s");
    }

    private async Task RestoreAsync(CancellationToken cancellationToken)
    {
        if (_proxy is not null)
        {
            _proxy.Restore();
            Note("the link to the centre is back: the backlog drains");
            return;
        }
        await SyncAsync("resume", cancellationToken).ConfigureAwait(false);
        _isPaused = false;
        Note("forwarding goes on: the backlog drains");
    }

    private async Task SyncAsync(string action, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _http.PostAsync(new Uri($"http://127.0.0.1:{_appliance!.Ports["http"]}/api/v1/sync/{action}"), null, cancellationToken).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException e) { throw new DemoException($"The appliance did not {action} forwarding: {e.Message}"); }
    }

    private async Task<DemoStatus?> ShowAsync(Action<DemoFrame> show, string phase, CancellationToken cancellationToken)
    {
        DemoStatus? status = await DemoStatus.TryReadAsync(_http, _appliance!.Ports["http"], cancellationToken).ConfigureAwait(false);
        if (status is not null)
        {
            _rate.Add(Elapsed, status.Records);
            _uplink = status.SyncState;
        }
        show(new DemoFrame(Elapsed, phase, status, _rate.PerSecond, LinkText, IsLinkUp, _addresses, [.. _events]));
        return status;
    }

    private void Note(string what) => _events.Add(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,6:0.0} s  {what}"));

    private int Preferred(int port, string name)
    {
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return port;
        }
        catch (SocketException)
        {
            _view.Say($"  Port {port} is in use by another program: {name} gets a free one instead.");
            return 0;
        }
    }

    private static IEnumerable<string> Set(params string[] settings) => settings.SelectMany(static s => new[] { "--set", s });
}
