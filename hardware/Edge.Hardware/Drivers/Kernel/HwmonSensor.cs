using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.Host;

namespace Edge.Hardware.Drivers.Kernel;

/// <summary>Driver <c>hwmon</c>: everything a hardware monitoring chip of the kernel measures.</summary>
/// <remarks>Source: Linux Documentation/hwmon/sysfs-interface.rst: temp milli °C, in mV, curr mA, power µW, energy µJ, humidity milli %, fan 1/min; X_label names a channel, X_fault says that it has no sensor.</remarks>
internal sealed class HwmonSensor : ISensor
{
    private static readonly (string Prefix, string Metric, string Unit, double Factor)[] Kinds =
    [
        ("temp", "temperature", "Cel", 1e-3), ("in", "voltage", "V", 1e-3), ("curr", "current", "A", 1e-3), ("power", "power", "W", 1e-6), ("energy", "energy", "J", 1e-6), ("humidity", "humidity", "%RH", 1e-3), ("fan", "speed", "1/min", 1),
    ];

    private readonly DriverSetup _setup;
    private readonly HostFiles _files;
    private readonly string _wanted;
    private IReadOnlyList<(string Path, string Channel, string Metric, string Unit, double Factor)> _inputs = [];

    public HwmonSensor(DriverSetup setup)
    {
        _setup = setup;
        _files = new HostFiles(setup.Hardware.FileRoot);
        _wanted = setup.Settings.Text("chip", "");
        if (_wanted.Contains('/', StringComparison.Ordinal)) setup.Settings.Problem("chip", $"is '{_wanted}'; use the name of a chip, for example rpi_volt; without it, all chips are read");
    }

    public string Bus => "hwmon";

    public void Open()
    {
        _setup.Hardware.PrepareFiles();
        var chips = _files.List("sys/class/hwmon", "hwmon").Select(c => (Folder: $"sys/class/hwmon/{c}", Name: _files.TryReadText($"sys/class/hwmon/{c}/name") ?? c)).ToList();
        var inputs = new List<(string, string, string, string, double)>();
        foreach ((string folder, string name) in chips)
        {
            if (_wanted.Length > 0 && name != _wanted) continue;
            foreach ((string prefix, string metric, string unit, double factor) in Kinds)
            {
                foreach (string file in _files.List(folder, prefix))
                {
                    string channel = file.EndsWith("_input", StringComparison.Ordinal) ? file[..^6] : "";
                    if (channel.Length == 0 || !channel.AsSpan(prefix.Length).ContainsAnyInRange('0', '9')) continue;
                    string label = Temperatures.Part(_files.TryReadText($"{folder}/{channel}_label") ?? channel);
                    inputs.Add(($"{folder}/{channel}", channel, _wanted.Length > 0 ? $"{label}/{metric}" : $"{Temperatures.Part(name)}/{label}/{metric}", unit, factor));
                }
            }
        }
        _inputs = inputs;
        if (inputs.Count == 0) throw new BusException(BusFault.NoDevice, _wanted.Length > 0 ? $"there is no hwmon chip '{_wanted}' with inputs; there are: {(chips.Count == 0 ? "none" : string.Join(", ", chips.Select(static c => c.Name)))}" : "the kernel drives no hwmon chip");
    }

    public void Read(ReadingBuffer readings)
    {
        _setup.Hardware.PrepareFiles();
        foreach ((string path, _, string metric, string unit, double factor) in _inputs)
        {
            try
            {
                if (_files.TryReadText($"{path}_fault") is "1") readings.Fault(metric, unit, "the chip says that this channel has no working sensor");
                else readings.Add(metric, _files.ReadNumber($"{path}_input") * factor, unit);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException) { readings.Fault(metric, unit, e.Message); }
        }
    }

    public void Dispose() => _inputs = [];
}
