using System.Buffers;
using System.Text;
using Edge.Hardware.Boards;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.Pins;
using Edge.Hardware.Gpio;
using Edge.Ingest;
using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Hardware.VmProbe;

/// <summary>Lines of the kernel's gpio-sim through /dev/gpiochipN: the code that runs on a board.</summary>
internal static class GpioChecks
{
    private static readonly LinuxHardware Hardware = new(BoardProfiles.Find("generic")!, mayRecover: false);

    public static async Task RunAsync(Checks checks, string chip, string folder)
    {
        var sim = new SimLines(folder);
        await checks.RunAsync("gpio: the chip describes itself", () => Describe(chip)).ConfigureAwait(false);
        await checks.RunAsync("gpio: an input follows its line, by number and by the kernel's name, active-low too", () => Input(chip, sim)).ConfigureAwait(false);
        await checks.RunAsync("gpio: an output drives its line, from its default to its fail-safe level", () => Output(chip, sim)).ConfigureAwait(false);
        await checks.RunAsync("gpio: errors name the line and who holds it", () => Errors(chip)).ConfigureAwait(false);
        await checks.RunAsync("gpio: 1000 edges at 1 kHz become records in the journal, none lost without being told", () => EdgesAsync(chip, sim, 1000, 1000)).ConfigureAwait(false);
        await checks.RunAsync("gpio: 3000 edges as fast as they go, none lost without being told", () => EdgesAsync(chip, sim, 3000, 0)).ConfigureAwait(false);
        await checks.RunAsync("gpio: a ring that overflows is noticed by its sequence", () => Overflow(chip, sim)).ConfigureAwait(false);
        await checks.RunAsync("gpio: a counter counts what nobody had time to read, and goes on after a restart", () => CounterAsync(chip, sim)).ConfigureAwait(false);
        await checks.RunAsync("gpio: bounces are not pulses", () => DebounceAsync(chip, sim)).ConfigureAwait(false);
        await checks.RunAsync("gpio: an encoder's position", () => QuadratureAsync(chip, sim)).ConfigureAwait(false);
        await checks.RunAsync("gpio: a frequency by the kernel's timestamps", () => FrequencyAsync(chip, sim)).ConfigureAwait(false);
        await checks.RunAsync("gpio: a command in the log drives the output and is acknowledged", () => CommandAsync(chip, sim)).ConfigureAwait(false);
    }

    private static string Describe(string chip)
    {
        GpioChipInfo info = LinuxGpioChip.Describe(chip);
        Checks.That(LinuxGpioChip.List().Contains(chip) && info.Lines == 8, $"{info}");
        GpioLineInfo named = LinuxGpioChip.Lines(chip)[4];
        Checks.That(named is { Name: "pulse", IsUsed: false }, $"{named}");
        return $"{info.Label}, {info.Lines} lines, line 4 is '{named.Name}'";
    }

    private static string Input(string chip, SimLines sim)
    {
        using IGpioLines line = Hardware.OpenGpio(new([new("", 0, $"{chip}:3")], "edge probe"));
        using IGpioLines named = Hardware.OpenGpio(new([new("", 0, "pulse")], "edge probe") { IsActiveLow = true });
        foreach (bool level in (bool[])[true, false, true])
        {
            sim.Pull(3, level);
            sim.Pull(4, level);
            Checks.That(line.Read(0) == level && named.Read(0) != level, $"pulled {level}: reads {line.Read(0)}, active-low {named.Read(0)}");
        }
        return "3 levels";
    }

    private static string Output(string chip, SimLines sim)
    {
        var options = new SensorOptions { Name = "relay", Driver = "gpio-output", Settings = { ["line"] = $"{chip}:5", ["default"] = "1", ["failsafe"] = "0" } };
        using ISensor sensor = Create(options);
        sensor.Open();
        Checks.That(sim.Value(5), "its default level is not on the line");
        var output = (OutputSensor)sensor;
        output.Apply("off");
        Checks.That(!sim.Value(5), "off is not on the line");
        output.Apply("on");
        Checks.That(sim.Value(5), "on is not on the line");
        sensor.Dispose();
        Checks.That(!sim.Value(5), "its fail-safe level is not on the line");
        return "default on, off, on, fail-safe off";
    }

    private static string Errors(string chip)
    {
        using IGpioLines held = Hardware.OpenGpio(new([new("", 0, $"{chip}:2")], "edge other"));
        BusException used = Throws(() => Hardware.OpenGpio(new([new("", 0, $"{chip}:2")], "edge probe")));
        Checks.That(used.Fault == BusFault.InUse && used.Message.Contains("'edge other'", StringComparison.Ordinal), used.Message);
        BusException none = Throws(() => Hardware.OpenGpio(new([new("", 0, $"{chip}:8")], "edge probe")));
        Checks.That(none.Fault == BusFault.NoSuchBus && none.Message.Contains("has lines 0 to 7", StringComparison.Ordinal), none.Message);
        BusException chipless = Throws(() => Hardware.OpenGpio(new([new("", 0, "gpiochip77:1")], "edge probe")));
        Checks.That(chipless.Fault == BusFault.NoSuchBus, chipless.Message);
        BusException nameless = Throws(() => Hardware.OpenGpio(new([new("", 0, "GPIO99")], "edge probe")));
        Checks.That(nameless.Fault == BusFault.NoSuchBus && nameless.Message.Contains("GPIO99", StringComparison.Ordinal), nameless.Message);
        return $"\"{used.Message}\"";
    }

    // Goal: what the kernel saw is either a record, in order, or told as lost. Method: the sequence numbers of the records against the counts of the sensor.
    private static Task<string> EdgesAsync(string chip, SimLines sim, int count, int hertz) => OnJournalAsync(
        [new() { Name = "door", Driver = "gpio-input", Topic = "edges", Interval = TimeSpan.FromMilliseconds(200), Settings = { ["line"] = $"{chip}:4" } }],
        async (host, journal, _) =>
        {
            sim.Pull(4, false);
            await Checks.UntilAsync(() => host.Status[0].Reads > 0, "the line is open").ConfigureAwait(false);
            TimeSpan took;
            using (SimLines.Puller puller = sim.Open(4)) took = puller.Toggle(count, hertz);
            long changes = 0, lost = 0;
            await Checks.UntilAsync(
                () =>
                {
                    (long c, long l) = ((long)Value(host, 0, "changes"), (long)Value(host, 0, "lost"));
                    bool isSettled = c > 0 && (c, l) == (changes, lost);
                    (changes, lost) = (c, l);
                    Thread.Sleep(250);
                    return isSettled;
                },
                "edges settle").ConfigureAwait(false);
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            List<(uint Sequence, long TimeNs, double Value)> edges = Edges(journal, "edges");
            uint seen = edges.Count == 0 ? 0 : edges[^1].Sequence;
            Checks.That(edges.Zip(edges.Skip(1)).All(static p => p.Second.Sequence > p.First.Sequence && p.Second.TimeNs >= p.First.TimeNs), "the records are not in order");
            Checks.That(edges.Count == changes, $"{edges.Count} records of {changes} changes");
            long missing = seen - edges.Count; // numbers that no record has
            Checks.That(missing <= lost, $"{missing} numbers are missing and {lost} are told as lost");
            Checks.That(hertz == 0 || seen >= count * 0.1, $"the simulated chip passed on {seen} of {count} edges");
            return $"{count / took.TotalSeconds:0}/s driven, the kernel saw {seen}, {edges.Count} records, {lost} told as lost";
        });

    private static string Overflow(string chip, SimLines sim)
    {
        using IGpioLines lines = Hardware.OpenGpio(new([new("", 0, $"{chip}:6")], "edge probe") { RisingEdges = true, FallingEdges = true });
        using (SimLines.Puller puller = sim.Open(6)) puller.Toggle(6000, 1000);
        Thread.Sleep(200);
        var sequence = new EdgeSequence();
        var edges = new GpioEdge[64];
        int got = 0;
        while (HasEdges(lines))
        {
            int read = lines.ReadEdges(edges);
            foreach (GpioEdge edge in edges.AsSpan(0, read)) sequence.Next(edge.LineSequence);
            got += read;
        }
        Checks.That(sequence.Lost > 0 && sequence.Seen == got + sequence.Lost, $"got {got}, lost {sequence.Lost}, seen {sequence.Seen}");
        return $"the kernel saw {sequence.Seen}, kept {got}, {sequence.Lost} told as lost";
    }

    private static unsafe bool HasEdges(IGpioLines lines)
    {
        var wait = new Libc.PollDescriptor { Handle = lines.Handle, Events = Libc.PollIn };
        return Libc.Poll(&wait, 1, 100) > 0;
    }

    private static async Task<string> CounterAsync(string chip, SimLines sim)
    {
        string folder = Directory.CreateTempSubdirectory("edge-probe").FullName;
        SensorOptions Options() => new() { Name = "water", Driver = "gpio-counter", Topic = "water", Interval = TimeSpan.FromMilliseconds(100), Settings = { ["line"] = $"{chip}:1", ["pulsesperunit"] = "10", ["unit"] = "l" } };
        double first = 0;
        await OnJournalAsync([Options()], async (host, _, _) =>
        {
            sim.Pull(1, false);
            await Checks.UntilAsync(() => host.Status[0].Reads > 0, "the line is open").ConfigureAwait(false);
            using (SimLines.Puller puller = sim.Open(1)) puller.Toggle(200, 200);
            await Checks.UntilAsync(() => Value(host, 0, "total") is var t && t > 0 && t == (first = t) && host.Status[0].Values.First(static v => v.Metric == "pulses").Value == 0, "pulses settle").ConfigureAwait(false);
            return "";
        }, folder).ConfigureAwait(false);
        Checks.That(first is >= 7 and <= 10, $"100 pulses are {first} l");
        double second = 0;
        await OnJournalAsync([Options()], async (host, _, _) =>
        {
            await Checks.UntilAsync(() => host.Status[0].Reads > 0, "the line is open").ConfigureAwait(false);
            Checks.That(Value(host, 0, "total") == first, $"after a restart it begins at {Value(host, 0, "total")} and not at {first}");
            using (SimLines.Puller puller = sim.Open(1)) puller.Toggle(40, 200);
            await Checks.UntilAsync(() => (second = Value(host, 0, "total")) >= first + 1.3, "pulses after the restart").ConfigureAwait(false);
            return "";
        }, folder).ConfigureAwait(false);
        return $"{first} l, after a restart {second} l";
    }

    private static Task<string> DebounceAsync(string chip, SimLines sim) => OnJournalAsync(
        [new() { Name = "rain", Driver = "gpio-counter", Interval = TimeSpan.FromMilliseconds(100), Settings = { ["line"] = $"{chip}:6", ["debounce"] = "20ms" } }],
        async (host, _, _) =>
        {
            sim.Pull(6, false);
            await Task.Delay(50).ConfigureAwait(false);
            await Checks.UntilAsync(() => host.Status[0].Reads > 0, "the line is open").ConfigureAwait(false);
            for (int i = 0; i < 10; i++)
            {
                using (SimLines.Puller puller = sim.Open(6)) puller.Toggle(7, 2000); // ends high: one pulse with six bounces
                await Task.Delay(60).ConfigureAwait(false);
                sim.Pull(6, false);
                await Task.Delay(60).ConfigureAwait(false);
            }
            await Checks.UntilAsync(() => Value(host, 0, "total") >= 10, "ten pulses").ConfigureAwait(false);
            await Task.Delay(300).ConfigureAwait(false);
            Checks.That(Value(host, 0, "total") == 10, $"10 pulses were counted as {Value(host, 0, "total")}");
            return $"10 pulses, {Value(host, 0, "bounces")} bounces";
        });

    private static Task<string> QuadratureAsync(string chip, SimLines sim) => OnJournalAsync(
        [new() { Name = "shaft", Driver = "gpio-quadrature", Interval = TimeSpan.FromMilliseconds(100), Settings = { ["a"] = $"{chip}:0", ["b"] = $"{chip}:7" } }],
        async (host, _, _) =>
        {
            sim.Pull(0, false);
            sim.Pull(7, false);
            await Checks.UntilAsync(() => host.Status[0].Reads > 0, "the lines are open").ConfigureAwait(false);
            using SimLines.Puller a = sim.Open(0), b = sim.Open(7);
            int state = 0;
            void Step(int by)
            {
                state = (state + by + 4) % 4;
                a.Set(state is 1 or 2);
                b.Set(state is 2 or 3);
                Thread.Sleep(4);
            }
            for (int i = 0; i < 160; i++) Step(1);
            for (int i = 0; i < 40; i++) Step(-1);
            await Task.Delay(500).ConfigureAwait(false);
            double position = Value(host, 0, "position"), errors = Value(host, 0, "errors");
            // On a busy host the simulated chip merges edges: then the position is off, and that is told.
            Checks.That(Math.Abs(position) == 120 || (errors > 0 && Math.Abs(position) < 160), $"160 forward and 40 back are {position}, with {errors} errors told");
            return $"160 forward, 40 back: {position}, {errors} errors told";
        });

    private static Task<string> FrequencyAsync(string chip, SimLines sim) => OnJournalAsync(
        [new() { Name = "fan", Driver = "gpio-frequency", Interval = TimeSpan.FromSeconds(1), Settings = { ["line"] = $"{chip}:6" } }],
        async (host, _, _) =>
        {
            await Checks.UntilAsync(() => host.Status[0].Reads > 0, "the line is open").ConfigureAwait(false);
            TimeSpan took = default;
            Task drive = Task.Run(() => { using SimLines.Puller puller = sim.Open(6); took = puller.Toggle(600, 200); });
            var measured = new List<double>();
            while (!drive.IsCompleted)
            {
                await Task.Delay(100).ConfigureAwait(false);
                double hertz = Value(host, 0, "frequency");
                if (hertz > 0) measured.Add(hertz);
            }
            await drive.ConfigureAwait(false);
            double driven = 300 / took.TotalSeconds, best = measured.DefaultIfEmpty(0).MinBy(h => Math.Abs(h - driven));
            Checks.That(Math.Abs(best - driven) < 0.1 * driven, $"{driven:0.00} Hz on average were measured as {best:0.00}");
            return $"{driven:0.00} Hz driven on average, {best:0.00} Hz measured";
        });

    private static Task<string> CommandAsync(string chip, SimLines sim) => OnJournalAsync(
        [new() { Name = "valve", Driver = "gpio-output", Topic = "outputs", Key = "{sensor}/{metric}", Interval = TimeSpan.FromSeconds(10), Settings = { ["line"] = $"{chip}:5" } }],
        async (host, journal, ingest) =>
        {
            foreach ((string command, bool level) in ((string, bool)[])[("on", true), ("""{"value":0,"id":"a7"}""", false)])
            {
                await ingest.SubmitAsync(new IngestRecord { Topic = "commands", Key = "valve"u8.ToArray(), Value = Encoding.UTF8.GetBytes(command) }, CancellationToken.None).ConfigureAwait(false);
                await Checks.UntilAsync(() => sim.Value(5) == level, $"'{command}' is on the line").ConfigureAwait(false);
            }
            await Checks.UntilAsync(() => host.Commands.CarriedOut == 2 && Values(journal, "outputs").Any(static v => v.Contains("\"id\":\"a7\"", StringComparison.Ordinal)), "the acknowledgement").ConfigureAwait(false);
            return Values(journal, "outputs").First(static v => v.Contains("a7", StringComparison.Ordinal));
        });

    private static async Task<string> OnJournalAsync(List<SensorOptions> sensors, Func<SensorHost, Journal, IngestPipeline, Task<string>> check, string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("edge-probe").FullName;
        var journal = Journal.Open(new PosixDisk(folder), new LogOptions { SegmentBytes = 8 << 20, MaxBytes = 128 << 20, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        try
        {
            journal.Start();
            var ingest = new IngestPipeline(journal, new IngestOptions { DefaultPartitions = 1 });
            await using (ingest.ConfigureAwait(false))
            {
                var host = new SensorHost(sensors, new HardwareOptions(), ingest, TimeProvider.System, NullLoggerFactory.Instance);
                await using (host.ConfigureAwait(false))
                {
                    await host.StartAsync(CancellationToken.None).ConfigureAwait(false);
                    return await check(host, journal, ingest).ConfigureAwait(false);
                }
            }
        }
        finally { await journal.DisposeAsync().ConfigureAwait(false); }
    }

    private static double Value(SensorHost host, int sensor, string metric) => host.Status[sensor].Values.FirstOrDefault(v => v.Metric == metric).Value;

    private static List<(uint Sequence, long TimeNs, double Value)> Edges(Journal journal, string topic)
    {
        var edges = new List<(uint, long, double)>();
        Walk(journal, topic, (in RecordView record) =>
        {
            if (!record.TryGetHeader("gpio.sequence"u8, out ReadOnlySpan<byte> sequence) || !record.TryGetHeader("gpio.time-ns"u8, out ReadOnlySpan<byte> time)) return;
            edges.Add((uint.Parse(sequence, null), long.Parse(time, null), 0));
        });
        return edges;
    }

    private static List<string> Values(Journal journal, string topic)
    {
        var values = new List<string>();
        Walk(journal, topic, (in RecordView record) => values.Add(Encoding.UTF8.GetString(record.Value)));
        return values;
    }

    private delegate void Visit(in RecordView record);

    private static void Walk(Journal journal, string name, Visit visit)
    {
        if (!journal.Topics.TryGet(name, out Topic topic)) return;
        Partition partition = topic.Partitions[0];
        var buffer = new ArrayBufferWriter<byte>();
        for (long offset = partition.LogStartOffset; offset < partition.HighWatermark;)
        {
            buffer.ResetWrittenCount();
            ReadResult read = partition.Read(offset, 1 << 20, true, buffer);
            for (ReadOnlySpan<byte> bytes = buffer.WrittenSpan; bytes.Length > 0;)
            {
                RecordBatchHeader header = RecordBatchHeader.Parse(bytes);
                RecordEnumerator each = RecordEnumerator.OverBatch(bytes);
                while (each.MoveNext()) visit(each.Current);
                bytes = bytes[header.SizeBytes..];
            }
            offset = read.NextOffset;
        }
    }

    private static ISensor Create(SensorOptions options)
    {
        var problems = new List<string>();
        ISensor? sensor = Drivers.SensorDrivers.Create(options, "probe", problems, Hardware, new GpioEventLoop(), new Drivers.ClaimedParts(), TimeProvider.System);
        return sensor ?? throw new CheckException(string.Join(" ", problems));
    }

    private static BusException Throws(Action action)
    {
        try { action(); }
        catch (BusException e) { return e; }
        throw new CheckException("it was allowed");
    }
}
