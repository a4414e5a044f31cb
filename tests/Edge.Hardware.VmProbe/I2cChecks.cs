using System.Device.I2c;
using System.Diagnostics;
using System.Globalization;
using Edge.Hardware.Boards;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers;
using Edge.Hardware.Gpio;
using Edge.Hardware.Simulation.Models;

namespace Edge.Hardware.VmProbe;

/// <summary>Drivers through a real /dev/i2c-N of the kernel, with simulated devices at the other end of the adapter.</summary>
internal static class I2cChecks
{
    private static readonly LinuxHardware Hardware = new(BoardProfiles.Find("generic")!, mayRecover: false);

    public static async Task RunAsync(Checks checks)
    {
        Cp2112? bridge = null;
        int bus = -1;
        await checks.RunAsync("i2c: the kernel makes a bus of the adapter", async () =>
        {
            HashSet<string> before = [.. Directory.GetFiles("/dev", "i2c-*")];
            bridge = new Cp2112();
            await Checks.UntilAsync(() => Directory.GetFiles("/dev", "i2c-*").Any(f => !before.Contains(f)), "a new /dev/i2c-N").ConfigureAwait(false);
            string device = Directory.GetFiles("/dev", "i2c-*").First(f => !before.Contains(f));
            bus = int.Parse(device.AsSpan("/dev/i2c-".Length), CultureInfo.InvariantCulture);
            File.SetUnixFileMode(device, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            using Process chown = Process.Start("/bin/chown", ["0:998", device]);
            await chown.WaitForExitAsync().ConfigureAwait(false);
            return device;
        }).ConfigureAwait(false);
        if (bridge is null || bus < 0) return;
        bridge.Add(0x76, new Bmx280Model(true, static () => (21.37, 44.4, 98_765)));
        bridge.Add(0x44, CommandModels.Sht3x(static () => (-12.5, 81.25)));
        bridge.Add(0x48, new Ads1115Model(static channel => 0.25 + (0.5 * channel)));
        bridge.Add(0x40, new InaModel(false, 0.1, static () => (12.04, 0.75)));
        bridge.Add(0x62, CommandModels.Scd4x(static () => (812, 23.5, 38.5)));
        await Reads(checks, bus, "bme280", "0x76", ("temperature", 21.37, 0.01), ("humidity", 44.4, 0.05), ("pressure", 98_765, 1)).ConfigureAwait(false);
        await Reads(checks, bus, "sht3x", "0x44", ("temperature", -12.5, 0.01), ("humidity", 81.25, 0.01)).ConfigureAwait(false);
        await Reads(checks, bus, "ads1115", "0x48", ("a0/voltage", 0.25, 0.0001), ("a3/voltage", 1.75, 0.0001)).ConfigureAwait(false);
        await Reads(checks, bus, "ina219", "0x40", ("voltage", 12.04, 0.004), ("current", 0.75, 0.001)).ConfigureAwait(false);
        await Reads(checks, bus, "scd4x", "0x62", ("co2", 812, 0), ("temperature", 23.5, 0.01)).ConfigureAwait(false);
        await checks.RunAsync("i2c: an absent device is a named error", () => Absent(bus)).ConfigureAwait(false);
        await checks.RunAsync("i2c: another device at the address is a named error", () => Wrong(bus, bridge)).ConfigureAwait(false);
        await checks.RunAsync("i2c: transfers a second", () => Speed(bus, bridge)).ConfigureAwait(false);
    }

    // The kernel waits only 50 ms for the played adapter: on a busy machine a transfer can fail, which is what the retries are for.
    private static Task Reads(Checks checks, int bus, string driver, string address, params (string Metric, double Value, double Within)[] expected) => checks.RunAsync($"i2c: {driver} reads what is there", () =>
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using ISensor sensor = Create(driver, bus, address);
                var readings = new ReadingBuffer(0);
                sensor.Open();
                sensor.Read(readings);
                foreach ((string metric, double value, double within) in expected)
                {
                    SensorReading reading = readings.Readings.First(r => r.Metric == metric);
                    Checks.That(Math.Abs(reading.Value - value) <= within && reading.Quality == SensorQuality.Good, $"{reading}, expected {value}");
                }
                return $"{string.Join(", ", readings.Readings.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Metric} {r.Value:0.###} {r.Unit}")))}{(attempt > 1 ? $", at try {attempt}" : "")}";
            }
            catch (BusException e) when (attempt < 30 && e.Fault is BusFault.Stuck or BusFault.Transfer or BusFault.Timeout) { }
        }
    });

    private static string Absent(int bus)
    {
        using ISensor sensor = Create("bh1750", bus, "0x23");
        try { sensor.Open(); }
        catch (BusException e)
        {
            Checks.That(e.Message.Contains("0x23", StringComparison.Ordinal), e.Message);
            return $"\"{e.Message}\"";
        }
        throw new CheckException("it was opened");
    }

    private static string Wrong(int bus, Cp2112 bridge)
    {
        bridge.Add(0x77, new Bmx280Model(false, static () => (20, 0, 100_000)));
        for (int attempt = 1; ; attempt++)
        {
            using ISensor sensor = Create("bme280", bus, "0x77");
            try { sensor.Open(); }
            catch (BusException e) when (e.Fault == BusFault.WrongDevice) { return $"\"{e.Message}\""; }
            catch (BusException) when (attempt < 30) { continue; }
            throw new CheckException("it was opened");
        }
    }

    private static string Speed(int bus, Cp2112 bridge)
    {
        using I2cDevice device = Hardware.OpenI2c(bus, 0x76);
        byte[] id = new byte[1];
        int done = 0, failed = 0;
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < 1)
        {
            try { device.WriteRead([0xD0], id); done++; }
            catch (BusException) { failed++; }
        }
        Checks.That(done > 100 && id[0] == 0x60, $"{done} transfers, id {id[0]:x2}");
        return $"{done}/s, {failed} failed; {bridge.Transfers} seen by the adapter in all";
    }

    private static ISensor Create(string driver, int bus, string address)
    {
        var problems = new List<string>();
        var options = new SensorOptions { Name = driver, Driver = driver, Settings = { ["bus"] = bus.ToString(CultureInfo.InvariantCulture), ["address"] = address } };
        return SensorDrivers.Create(options, "probe", problems, Hardware, new GpioEventLoop(), new ClaimedParts(), TimeProvider.System) ?? throw new CheckException(string.Join(" ", problems));
    }
}
