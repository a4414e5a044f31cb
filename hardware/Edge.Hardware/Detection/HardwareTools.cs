using System.Globalization;
using Edge.Hardware.Boards;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers;
using Edge.Hardware.Drivers.Host;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Detection;

/// <summary>What the command line does with the machine's hardware, without a running appliance.</summary>
public static class HardwareTools
{
    /// <summary>Looks at every bus and chip. Takes a few seconds where I2C buses exist; changes nothing.</summary>
    public static DetectedHardware Detect(HardwareOptions options, IReadOnlyList<SensorOptions> simulated, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        IHardware hardware = HardwareFactory.Create(options, simulated, timeProvider);
        try { return Detect(hardware, options.Simulate, cancellationToken); }
        finally { (hardware as IDisposable)?.Dispose(); }
    }

    /// <summary>The header with what each pin is used for: by the configured sensors, and by whoever holds lines now.</summary>
    public static IReadOnlyList<PinUse> Pins(HardwareOptions options, IReadOnlyList<SensorOptions> sensors, TimeProvider timeProvider)
    {
        IHardware hardware = HardwareFactory.ForChecks(options);
        var claimed = new ClaimedParts();
        using var events = new GpioEventLoop();
        foreach ((_, ISensor sensor) in SensorOptionsValidator.Create(sensors, [], hardware, events, claimed, timeProvider)) sensor.Dispose();
        Dictionary<int, string> held = options.Simulate ? [] : Held(hardware.Board);
        return
        [
            .. hardware.Board.Header.Select(pin => new PinUse(
                pin.Number, pin.Label, pin.Function,
                claimed.All.TryGetValue($"line {pin.Label}", out var claim) ? claim.Owner : "",
                pin.Gpio is { } gpio ? held.GetValueOrDefault(gpio, "") : "")),
        ];
    }

    /// <summary>Edges of lines as they come, until cancelled; the callback gets line, level, kernel time, sequence, and how many were lost before it.</summary>
    /// <exception cref="BusException">A line cannot be had.</exception>
    public static async Task WatchAsync(HardwareOptions options, IReadOnlyList<string> lines, bool pullUp, Action<string, bool, EdgeDetail> onEdge, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        // In a simulation, something has to happen on the lines: they are taken for shafts.
        List<SensorOptions> simulated = [.. lines.Select(static l => new SensorOptions { Name = "watch", Driver = "gpio-frequency", Settings = { ["line"] = l } })];
        IHardware hardware = HardwareFactory.Create(options, simulated, timeProvider);
        using var events = new GpioEventLoop();
        var open = new List<IDisposable>();
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            foreach (string name in lines)
            {
                if (LineNames.ProblemOf(name, hardware.Board) is { } problem) throw new BusException(BusFault.NoSuchBus, $"the line is {problem}");
                IGpioLines line = hardware.OpenGpio(new([new("", 0, name)], "edge watch") { RisingEdges = true, FallingEdges = true, Bias = pullUp ? GpioBias.PullUp : GpioBias.AsIs });
                var edges = new GpioEdge[64];
                var sequence = new Drivers.Pins.EdgeSequence();
                open.Add(line);
                open.Insert(0, events.Add(line, () =>
                {
                    int count = line.ReadEdges(edges);
                    foreach (GpioEdge edge in edges.AsSpan(0, count))
                    {
                        uint lost = sequence.Next(edge.LineSequence);
                        try { onEdge(name, edge.IsRising, new EdgeDetail(edge.TimeNs, edge.LineSequence, lost)); }
                        catch (IOException e) { failed.TrySetException(e); } // nobody reads our output any more
                    }
                }, static () => false));
            }
            await failed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // that is how watching ends
        }
        finally
        {
            foreach (IDisposable part in open) part.Dispose();
            (hardware as IDisposable)?.Dispose();
        }
    }

    /// <summary>Switches a line on and off, and leaves it off.</summary>
    /// <exception cref="BusException">The line cannot be had.</exception>
    public static async Task BlinkAsync(HardwareOptions options, string line, int times, TimeSpan period, Action<bool> onLevel, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        IHardware hardware = HardwareFactory.Create(options, [], timeProvider);
        try
        {
            if (LineNames.ProblemOf(line, hardware.Board) is { } problem) throw new BusException(BusFault.NoSuchBus, $"the line is {problem}");
            using IGpioLines output = hardware.OpenGpio(new([new("", 0, line)], "edge blink") { IsOutput = true });
            try
            {
                for (int i = 0; i < 2 * times; i++)
                {
                    output.Write(0, i % 2 == 0);
                    onLevel(i % 2 == 0);
                    await Task.Delay(period / 2, timeProvider, cancellationToken).ConfigureAwait(false);
                }
            }
            finally { output.Write(0, false); }
        }
        finally { (hardware as IDisposable)?.Dispose(); }
    }

    internal static DetectedHardware Detect(IHardware hardware, bool isSimulated, CancellationToken cancellationToken)
    {
        var (devices, problems, chips) = (new List<DetectedDevice>(), new List<string>(), new List<string>());
        if (!isSimulated) DescribeChips(chips, problems);
        List<int> buses = isSimulated ? [1] : Buses();
        if (buses.Count == 0) problems.Add("there is no I2C bus (/dev/i2c-*): 'sudo raspi-config', Interface, I2C; or dtparam=i2c_arm=on in config.txt");
        foreach (int bus in buses)
        {
            try { devices.AddRange(I2cScan.Scan(hardware, bus, cancellationToken)); }
            catch (BusException e) { problems.Add(e.Message); }
        }
        hardware.PrepareFiles();
        var files = new HostFiles(hardware.FileRoot);
        foreach (string device in files.List("sys/bus/w1/devices", "28-")) devices.Add(new("w1", device, ["ds18b20"], true));
        foreach (string device in files.List("sys/bus/iio/devices", "iio:device"))
        {
            string name = files.TryReadText($"sys/bus/iio/devices/{device}/name") ?? device;
            devices.Add(new("iio", name, [name.StartsWith("dht11", StringComparison.Ordinal) ? "dht22" : "iio"], true));
        }
        foreach (string chip in files.List("sys/class/hwmon", "hwmon")) devices.Add(new("hwmon", files.TryReadText($"sys/class/hwmon/{chip}/name") ?? chip, ["hwmon"], true));
        if (!isSimulated)
        {
            foreach (string path in Entries("/dev", "spidev*")) devices.Add(new("spi", Path.GetFileName(path), ["mcp3008", "mcp3208", "spi-register"], false)); // nothing on SPI says that it is there
            foreach (string path in Entries("/dev", "serial0").Concat(Entries("/dev", "ttyUSB*")).Concat(Entries("/dev", "ttyACM*"))) devices.Add(new("serial", path, ["nmea", "pms5003", "modbus"], false));
        }
        return new(BoardProfiles.Model(), hardware.Board.Name, chips, devices, problems, [.. devices.Where(static d => d.Drivers.Count > 0 && d.Bus is not ("spi" or "serial")).Select(Propose)]);
    }

    private static SensorOptions Propose(DetectedDevice device)
    {
        var sensor = new SensorOptions { Name = $"{device.Drivers[0]}-{Temperatures.Part(device.Address)}", Driver = device.Drivers[0], Topic = "sensors", Key = "{sensor}/{metric}", Interval = TimeSpan.FromSeconds(10) };
        if (device.Bus.StartsWith("i2c-", StringComparison.Ordinal))
        {
            if (device.Bus != "i2c-1") sensor.Settings["bus"] = device.Bus[4..];
            sensor.Settings["address"] = device.Address;
        }
        else if (device.Bus == "w1") sensor.Settings["devices"] = device.Address;
        else if (device.Drivers[0] == "iio") sensor.Settings["device"] = device.Address;
        else if (device.Bus == "hwmon") sensor.Settings["chip"] = device.Address;
        return sensor;
    }

    private static void DescribeChips(List<string> chips, List<string> problems)
    {
        IReadOnlyList<string> all = LinuxGpioChip.List();
        if (all.Count == 0) problems.Add("there is no GPIO chip (/dev/gpiochip*): this machine or its kernel has none");
        foreach (string chip in all)
        {
            try
            {
                GpioChipInfo info = LinuxGpioChip.Describe(chip);
                chips.Add($"{chip}: {info.Label}, {info.Lines} lines, {LinuxGpioChip.Lines(chip).Count(static l => l.IsUsed)} in use");
            }
            catch (BusException e) { problems.Add(e.Message); }
        }
    }

    private static Dictionary<int, string> Held(BoardProfile board)
    {
        foreach (string chip in LinuxGpioChip.List())
        {
            try
            {
                if (!board.ChipLabels.Contains(LinuxGpioChip.Describe(chip).Label)) continue;
                return LinuxGpioChip.Lines(chip).Where(static l => l.IsUsed).ToDictionary(static l => l.Offset, static l => l.Consumer.Length > 0 ? l.Consumer : "the kernel");
            }
            catch (BusException) { } // the picture goes without it
        }
        return [];
    }

    private static List<int> Buses() =>
        [.. Entries("/dev", "i2c-*").Select(static p => int.TryParse(Path.GetFileName(p).AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out int bus) ? bus : -1).Where(static b => b >= 0).Order()];

    private static string[] Entries(string folder, string pattern)
    {
        try { return Directory.GetFileSystemEntries(folder, pattern); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return []; }
    }
}
