using System.Globalization;

namespace Edge.Hardware.Drivers.Host;

/// <summary>Driver <c>host</c>: what the machine says about itself. Temperatures, load, memory, disks, network totals, uptime.</summary>
/// <remarks>What a machine does not have is left out. What it had when opened and no longer gives is a fault of that metric alone. Source of the files: proc(5).</remarks>
internal sealed class HostSensor(string name, HostSensorSettings settings, Func<string, (long TotalBytes, long FreeBytes)> statDisk) : ISensor
{
    private readonly HostFiles _files = new(settings.Root);
    private IReadOnlyList<(string Metric, string Path)> _temperatures = [];
    private bool _hasLoad, _hasMemory, _hasNetwork, _hasUptime;

    public static ISensor? Create(SensorOptions options, List<string> problems, string keyPath) =>
        HostSensorSettings.Parse(options, keyPath, problems) is { } settings ? new HostSensor(options.Name, settings, StatDisk) : null;

    public void Open()
    {
        _temperatures = Temperatures.Find(_files);
        (_hasLoad, _hasMemory) = (_files.Exists("proc/loadavg"), _files.Exists("proc/meminfo"));
        (_hasNetwork, _hasUptime) = (_files.Exists("proc/net/dev"), _files.Exists("proc/uptime"));
        if (_temperatures.Count == 0 && settings.Disks.Count == 0 && !_hasLoad && !_hasMemory && !_hasNetwork && !_hasUptime)
            throw new SensorException(name, $"nothing to read below {settings.Root}: no proc/ and no sys/class/");
    }

    public void Read(ReadingBuffer readings)
    {
        foreach ((string metric, string path) in _temperatures)
            Try(readings, metric, "Cel", () => readings.Add(metric, _files.ReadNumber(path) / 1000.0, "Cel", Temperatures.MinCelsius, Temperatures.MaxCelsius));
        if (_hasLoad) Try(readings, "load/1min", "/", () => ReadLoad(readings));
        if (_hasMemory) Try(readings, "memory/available", "B", () => ReadMemory(readings));
        foreach (string disk in settings.Disks) Try(readings, $"disk/{DiskName(disk)}/used", "B", () => ReadDisk(readings, disk));
        if (_hasNetwork) Try(readings, "network", "B", () => ReadNetwork(readings));
        if (_hasUptime) Try(readings, "uptime", "s", () => readings.Add("uptime", Number(_files.ReadText("proc/uptime").Split(' ')[0]), "s", 0));
    }

    public void Dispose() => _temperatures = [];

    private static void Try(ReadingBuffer readings, string metric, string unit, Action read)
    {
        try { read(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException) { readings.Fault(metric, unit, e.Message); }
    }

    private void ReadLoad(ReadingBuffer readings)
    {
        string[] fields = Fields(_files.ReadText("proc/loadavg"), 3, "proc/loadavg");
        readings.Add("load/1min", Number(fields[0]), "/", 0);
        readings.Add("load/5min", Number(fields[1]), "/", 0);
        readings.Add("load/15min", Number(fields[2]), "/", 0);
    }

    private void ReadMemory(ReadingBuffer readings)
    {
        var bytes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string line in _files.ReadText("proc/meminfo").Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0) bytes[line[..colon]] = Number(line[(colon + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024;
        }
        if (!bytes.TryGetValue("MemTotal", out double total) || !bytes.TryGetValue("MemAvailable", out double available))
            throw new FormatException("proc/meminfo has no MemTotal or MemAvailable");
        readings.Add("memory/total", total, "B", 0);
        readings.Add("memory/available", available, "B", 0, total);
        if (bytes.TryGetValue("SwapTotal", out double swap) && swap > 0 && bytes.TryGetValue("SwapFree", out double free)) readings.Add("swap/used", swap - free, "B", 0);
    }

    private void ReadDisk(ReadingBuffer readings, string disk)
    {
        (long total, long free) = statDisk(disk);
        readings.Add($"disk/{DiskName(disk)}/total", total, "B", 0);
        readings.Add($"disk/{DiskName(disk)}/used", total - free, "B", 0, total);
    }

    private void ReadNetwork(ReadingBuffer readings)
    {
        int count = 0;
        var missing = new HashSet<string>(settings.Interfaces, StringComparer.Ordinal);
        foreach (string line in _files.ReadText("proc/net/dev").Split('\n').Skip(2))
        {
            int colon = line.LastIndexOf(':'); // an alias has a colon in its name
            if (colon < 0) continue;
            string device = line[..colon].Trim();
            if (settings.Interfaces.Count == 0 ? device == "lo" : !settings.Interfaces.Contains(device)) continue;
            if (++count > HostSensorSettings.MaxInterfaces) break;
            missing.Remove(device);
            string metric = $"network/{Temperatures.Part(device)}";
            Try(readings, metric, "B", () =>
            {
                string[] fields = Fields(line[(colon + 1)..], 9, "proc/net/dev");
                readings.Add($"{metric}/received", Number(fields[0]), "B", 0);
                readings.Add($"{metric}/sent", Number(fields[8]), "B", 0);
            });
        }
        foreach (string device in missing) readings.Fault($"network/{Temperatures.Part(device)}", "B", $"there is no interface '{device}'");
    }

    private static string[] Fields(string text, int atLeast, string path)
    {
        string[] fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= atLeast ? fields : throw new FormatException($"{path} has {fields.Length} fields where at least {atLeast} belong");
    }

    private static double Number(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
        ? value
        : throw new FormatException($"'{(text.Length > 40 ? text[..40] : text)}' where a number belongs");

    private static string DiskName(string path) => path.Trim('/') is { Length: > 0 } trimmed ? Temperatures.Part(trimmed) : "root";

    /// <summary>statvfs of the file system a path lies on: the size, and what is free for an ordinary user.</summary>
    private static (long TotalBytes, long FreeBytes) StatDisk(string path)
    {
        if (!Directory.Exists(path)) throw new DirectoryNotFoundException($"{path} is not there");
        var drive = new DriveInfo(path);
        return (drive.TotalSize, drive.AvailableFreeSpace);
    }
}
