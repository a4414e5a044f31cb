using System.Globalization;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.Host;

namespace Edge.Hardware.Drivers.Kernel;

/// <summary>Driver <c>ds18b20</c> (and DS18S20, DS1822, DS28EA00): every thermometer of the kernel's 1-Wire bus, or the ones named.</summary>
/// <remarks>
/// Source: Linux Documentation/w1/slaves/w1_therm.rst (w1_slave: nine bytes of scratchpad, "crc=xx YES", then "t=" in thousandths); DS18B20 data sheet: table 1 (temperature register),
/// "CRC generation", and power-on value +85 °C, which a sensor without proper power gives for ever.
/// </remarks>
internal sealed class OneWireSensor : ISensor
{
    public const int MaxDevices = 64;

    private static readonly string[] Families = ["28-", "10-", "22-", "42-"];

    private readonly DriverSetup _setup;
    private readonly HostFiles _files;
    private readonly string[] _wanted;
    private string[] _devices = [];

    public OneWireSensor(DriverSetup setup)
    {
        _setup = setup;
        _files = new HostFiles(setup.Hardware.FileRoot);
        _wanted = setup.Settings.Text("devices", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string device in _wanted)
            if (!Families.Any(f => device.StartsWith(f, StringComparison.Ordinal)) || device.Contains('/', StringComparison.Ordinal)) setup.Settings.Problem("devices", $"has '{device}'; use names such as 28-0000075ac2b1 ('edge hardware detect' lists them)");
        if (_wanted.Length > MaxDevices) setup.Settings.Problem("devices", $"names {_wanted.Length}; use at most {MaxDevices}");
    }

    public string Bus => "w1";

    public void Open()
    {
        _setup.Hardware.PrepareFiles();
        if (!Directory.Exists(_files.Full("sys/bus/w1/devices")))
            throw new BusException(BusFault.NoSuchBus, "there is no 1-Wire bus; enable it ('sudo raspi-config', Interface, 1-Wire; or dtoverlay=w1-gpio in config.txt) and put 4.7 kOhm between data and 3.3 V");
        string[] found = [.. Families.SelectMany(f => _files.List("sys/bus/w1/devices", f))];
        _devices = _wanted.Length > 0 ? _wanted : [.. found.Take(MaxDevices)];
        if (_devices.Length == 0) throw new BusException(BusFault.NoDevice, "no thermometer answers on the 1-Wire bus; check power, ground, data, and the 4.7 kOhm between data and 3.3 V");
    }

    public void Read(ReadingBuffer readings)
    {
        _setup.Hardware.PrepareFiles();
        foreach (string device in _devices)
        {
            string metric = _devices.Length == 1 ? "temperature" : $"{device}/temperature", path = $"sys/bus/w1/devices/{device}/w1_slave";
            try
            {
                if (!_files.Exists(path)) readings.Fault(metric, "Cel", $"{device} is not on the bus");
                else Decode(_files.ReadText(path), device, metric, readings);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { readings.Fault(metric, "Cel", $"{device} cannot be read: {e.Message}"); }
        }
    }

    public void Dispose() => _devices = [];

    internal static void Decode(string text, string device, string metric, ReadingBuffer readings)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Span<byte> scratchpad = stackalloc byte[9];
        if (words.Length < 9) { readings.Fault(metric, "Cel", $"{device} gave {words.Length} bytes where 9 belong"); return; }
        for (int i = 0; i < 9; i++)
            if (!byte.TryParse(words[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out scratchpad[i])) { readings.Fault(metric, "Cel", $"{device} gave '{words[i]}' where a byte belongs"); return; }
        if (Checksums.OneWire(scratchpad[..8]) != scratchpad[8]) { readings.Fault(metric, "Cel", $"{device}: the checksum does not match: a disturbed or too long line"); return; }
        if (scratchpad[..8].IndexOfAnyExcept((byte)0) < 0) { readings.Fault(metric, "Cel", $"{device} gave only zeros: the data line is held low"); return; }
        short raw = (short)(scratchpad[0] | (scratchpad[1] << 8));
        // DS18S20: half degrees, made finer by COUNT_REMAIN and COUNT_PER_C (its data sheet, "operation").
        double celsius = device.StartsWith("10-", StringComparison.Ordinal) ? (scratchpad[7] == 0 ? raw / 2.0 : Math.Floor(raw / 2.0) - 0.25 + ((scratchpad[7] - scratchpad[6]) / (double)scratchpad[7])) : raw / 16.0;
        bool isPowerOn = raw == 0x0550 && !device.StartsWith("10-", StringComparison.Ordinal) && scratchpad[6] == 0x0C;
        if (isPowerOn) readings.Fault(metric, "Cel", $"{device} gives its power-on value of 85 Cel: it loses power while it measures");
        else readings.Add(metric, celsius, "Cel", -55, 125);
    }
}
