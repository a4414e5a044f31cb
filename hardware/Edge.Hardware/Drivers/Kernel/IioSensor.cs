using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.Host;
using Edge.Hardware.Sampling;

namespace Edge.Hardware.Drivers.Kernel;

/// <summary>Drivers <c>iio</c> (any sensor of the kernel's Industrial I/O) and <c>dht22</c> (DHT11, DHT21, DHT22 by the kernel's dht11 driver).</summary>
/// <remarks>
/// Source: Linux Documentation/ABI/testing/sysfs-bus-iio: in_X_input is processed, else (in_X_raw + in_X_offset) * in_X_scale; units of each kind: temp milli °C,
/// humidityrelative milli %, pressure kPa, voltage mV, current mA, power mW, illuminance lx, accel m/s², anglvel rad/s, distance m, concentration %.
/// A DHT22 is timed in microseconds, which only the kernel can: dtoverlay=dht11,gpiopin=4.
/// </remarks>
internal sealed class IioSensor : ISensor
{
    private static readonly (string Kind, string Metric, string Unit, double Factor)[] Kinds =
    [
        ("temp", "temperature", "Cel", 0.001), ("humidityrelative", "humidity", "%RH", 0.001), ("pressure", "pressure", "Pa", 1000), ("voltage", "voltage", "V", 0.001), ("current", "current", "A", 0.001),
        ("power", "power", "W", 0.001), ("illuminance", "illuminance", "lx", 1), ("accel", "acceleration", "m/s2", 1), ("anglvel", "rotation", "rad/s", 1), ("distance", "distance", "m", 1),
        ("proximity", "proximity", "/", 1), ("resistance", "resistance", "Ohm", 1), ("concentration", "concentration", "%", 1), ("magn", "magnetism", "T", 0.0001),
    ];

    private readonly DriverSetup _setup;
    private readonly HostFiles _files;
    private readonly string _wanted;
    private readonly bool _isDht;
    private IReadOnlyList<(string Channel, string Metric, string Unit, double Factor)> _channels = [];
    private string _folder = "";

    public IioSensor(DriverSetup setup, bool isDht)
    {
        (_setup, _isDht) = (setup, isDht);
        _files = new HostFiles(setup.Hardware.FileRoot);
        _wanted = setup.Settings.Text("device", isDht ? "dht11" : "");
        if (_wanted.Length == 0 || _wanted.Contains('/', StringComparison.Ordinal)) setup.Settings.Problem("device", "is missing; use the name of an IIO device, for example bmp280, or iio:device0 ('edge hardware detect' lists them)");
    }

    public string Bus => $"iio {_wanted}";

    public void Open()
    {
        _setup.Hardware.PrepareFiles();
        IReadOnlyList<string> all = _files.List("sys/bus/iio/devices", "iio:device");
        string? device = all.FirstOrDefault(d => d == _wanted || Name(d) == _wanted || Name(d).StartsWith($"{_wanted}@", StringComparison.Ordinal));
        if (device is null)
        {
            string there = all.Count == 0 ? "the kernel has none" : $"there are {string.Join(", ", all.Select(Name))}";
            throw new BusException(BusFault.NoDevice, _isDht ? $"the kernel drives no DHT ({there}); add dtoverlay=dht11,gpiopin=4 to config.txt and restart" : $"there is no IIO device '{_wanted}'; {there}");
        }
        _folder = $"sys/bus/iio/devices/{device}";
        _channels = [.. Find()];
        if (_channels.Count == 0) throw new BusException(BusFault.WrongDevice, $"IIO device '{_wanted}' has no channel that can be read");
    }

    public void Read(ReadingBuffer readings)
    {
        _setup.Hardware.PrepareFiles();
        foreach ((string channel, string metric, string unit, double factor) in _channels)
        {
            // A DHT answers wrongly now and then; its driver then says EIO or ETIMEDOUT. It wants a second between two tries.
            try { readings.Add(metric, Value(channel) * factor, unit, unit == "%RH" ? 0 : double.NegativeInfinity, unit == "%RH" ? 100 : double.PositiveInfinity); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException) { readings.Fault(metric, unit, e.Message); }
        }
    }

    public void Dispose() => _channels = [];

    private string Name(string device) => _files.TryReadText($"sys/bus/iio/devices/{device}/name") ?? device;

    private IEnumerable<(string, string, string, double)> Find()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in _files.List(_folder, "in_").Order(StringComparer.Ordinal))
        {
            string channel = file.EndsWith("_input", StringComparison.Ordinal) ? file[..^6] : file.EndsWith("_raw", StringComparison.Ordinal) ? file[..^4] : "";
            if (channel.Length == 0 || !seen.Add(channel)) continue;
            string name = channel[3..];
            foreach ((string kind, string metric, string unit, double factor) in Kinds)
            {
                if (!name.StartsWith(kind, StringComparison.Ordinal)) continue;
                string rest = name[kind.Length..].Trim('_');
                yield return (channel, rest.Length == 0 ? metric : $"{Temperatures.Part(rest)}/{metric}", unit, factor);
                break;
            }
        }
    }

    private double Value(string channel)
    {
        if (_files.Exists($"{_folder}/{channel}_input")) return Number($"{_folder}/{channel}_input");
        double raw = Number($"{_folder}/{channel}_raw");
        return (raw + Shared(channel, "offset", 0)) * Shared(channel, "scale", 1);
    }

    /// <summary>Of this channel, or of all of its kind: in_voltage0_scale, else in_voltage_scale.</summary>
    private double Shared(string channel, string what, double fallback)
    {
        string kind = channel.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        if (kind.LastIndexOf('_') is > 2 and int axis) kind = channel[..axis]; // in_accel_x -> in_accel
        foreach (string path in (string[])[$"{_folder}/{channel}_{what}", $"{_folder}/{kind}_{what}"]) if (_files.Exists(path)) return Number(path);
        return fallback;
    }

    private double Number(string path)
    {
        string text = _files.ReadText(path);
        return Numbers.TryParse(text, out double number) ? number : throw new FormatException($"{path} has '{(text.Length > 40 ? text[..40] : text)}' where a number belongs");
    }
}
