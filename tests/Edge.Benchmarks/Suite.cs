using System.Globalization;
using Edge.Benchmarks.Appliance;
using Edge.Benchmarks.Journal;
using Edge.Benchmarks.Mqtt;
using Edge.Benchmarks.Reporting;
using Edge.Testing.Processes;

namespace Edge.Benchmarks;

/// <summary>Every measurement, one after the other: two at a time would measure each other.</summary>
internal sealed class Suite(BenchOptions options, BenchReport report)
{
    private const int ForwardRecords = 500_000;

    private (string Name, string Path)[] Builds => options.Native is { } native ? [("native", native), ("framework", options.Edge)] : [("framework", options.Edge)];

    public async Task RunAsync()
    {
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        if (load > Environment.ProcessorCount / 2.0)
            report.Warn(string.Create(CultureInfo.InvariantCulture, $"the machine was busy (load average {load:0.0} at the start): programs with more threads got more of it, so neither the figures nor their ratios are those of a quiet one"));
        if (options.Native is null) report.Skip("figures of the native build", "it is not built (scripts/build --aot)");
        if (options.Wants("start")) await StartAsync();
        if (options.Wants("mqtt")) await MqttAsync();
        if (options.Wants("journal")) Journal();
        if (options.Wants("device")) await new DeviceSuite(options, report).RunAsync();
        if (options.Wants("forward")) await ForwardAsync();
    }

    /// <summary>The journal alone, in this process.</summary>
    public void Journal() => new JournalSuite(options, report).Run();

    private async Task StartAsync()
    {
        Say("time to ready, memory at rest");
        foreach ((string name, string path) in Builds)
        {
            string data = NewData();
            List<double> fresh = [], again = [], idle = [];
            for (int i = 0; i < options.Runs + 2; i++)
            {
                bool isFresh = i == 0;
                await using EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data) { Executable = path });
                (isFresh ? fresh : again).Add(edge.TimeToReady.TotalMilliseconds);
                await Task.Delay(TimeSpan.FromSeconds(2));
                idle.Add(ProcessMemory.ResidentMiB(edge.Pid));
                await edge.StopAsync();
            }
            Directory.Delete(data, recursive: true);
            report.Add(new Figure("time to ready, first start", name, "ms", fresh, "makes the data directory"));
            Figure ready = report.Add(new Figure("time to ready", name, "ms", again, "existing data directory"));
            Figure memory = report.Add(new Figure("memory (VmRSS) idle", name, "MiB", idle, "2 s after ready"));
            if (name != "native") continue;
            report.Bar("ready within 1.5 s (native)", ready.Median <= 1500);
            report.Bar("at most 150 MB idle (native)", memory.Median * 1.048576 <= 150);
        }
    }

    private async Task MqttAsync()
    {
        Say("MQTT, QoS 1, 100 B, acknowledged after fdatasync");
        if (options.MqttLoad is not { } program)
        {
            report.Skip("MQTT throughput, memory under load", "MQTTLOAD is not set");
            return;
        }
        var load = new MqttLoad(program, options.Seconds);
        string? mosquitto = ToolPath.Find("mosquitto");
        if (mosquitto is null) report.Skip("comparison with mosquitto", "it is not installed");
        var rates = new Dictionary<(string, int, int), double>();
        foreach ((int connections, int window) in MqttLoad.Shapes)
        {
            string shape = string.Create(CultureInfo.InvariantCulture, $"MQTT QoS 1, {connections} x {window} in flight");
            var runs = new Dictionary<string, List<double>>();
            for (int i = 0; i < options.Runs; i++) // in turn, so that all see the same minute
            {
                if (mosquitto is not null)
                {
                    await using Mosquitto other = await Mosquitto.StartAsync(mosquitto, options.Work);
                    Add("mosquitto", await load.RunAsync(other.Port, connections, window));
                }
                foreach ((string name, string path) in Builds) Add(name, await LoadedAsync(name, path, load, connections, window));
            }
            double? theirs = runs.TryGetValue("mosquitto", out List<double>? list) ? report.Add(new Figure(shape, "mosquitto", "msg/s", list, "stores nothing")).Median : null;
            foreach ((string name, _) in Builds)
            {
                var figure = new Figure(shape, name, "msg/s", runs[name]);
                rates[(name, connections, window)] = figure.Median;
                report.Add(theirs is null ? figure : figure with { Note = string.Create(CultureInfo.InvariantCulture, $"{figure.Median / theirs:0.00} x mosquitto") });
                if ((connections, window) == (100, 50))
                    report.Bar($"100 x 50: 500 000 msg/s or twice mosquitto ({name})", figure.Median >= 500_000 || figure.Median >= 2 * theirs);
            }

            void Add(string name, double rate)
            {
                if (!runs.TryGetValue(name, out List<double>? values)) runs.Add(name, values = []);
                values.Add(rate);
            }
        }
        foreach ((string name, List<double> peaks) in _peaks)
        {
            Figure peak = report.Add(new Figure("memory (VmHWM) under load, 100 x 50", name, "MiB", peaks, "peak of the process"));
            if (name == "native") report.Bar("at most 150 MB under load (native)", peak.Median * 1.048576 <= 150);
        }
    }

    private readonly Dictionary<string, List<double>> _peaks = [];

    private async Task<double> LoadedAsync(string name, string path, MqttLoad load, int connections, int window)
    {
        string data = NewData();
        try
        {
            await using EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data) { Executable = path });
            double rate = await load.RunAsync(edge.Ports.Mqtt, connections, window);
            if (connections == 100)
            {
                if (!_peaks.TryGetValue(name, out List<double>? peaks)) _peaks.Add(name, peaks = []);
                peaks.Add(ProcessMemory.PeakMiB(edge.Pid));
            }
            return rate;
        }
        finally { Directory.Delete(data, recursive: true); }
    }

    private async Task ForwardAsync()
    {
        Say("forwarding a backlog to a hub on this machine");
        foreach ((string name, string path) in Builds)
        {
            List<double> runs = [];
            for (int i = 0; i < options.Runs; i++) runs.Add(await new ForwardBench(path, options.Work, ForwardRecords).RunAsync());
            report.Add(new Figure("forward, appliance to hub, 100 B records", name, "records/s", runs, "both on this machine, zstd"));
        }
    }

    private string NewData() => Directory.CreateDirectory(Path.Combine(options.Work, $"data-{Guid.NewGuid():N}")).FullName;

    private static void Say(string what) => Console.Error.WriteLine(what);
}
