namespace Edge.Hardware.Drivers.Host;

/// <summary>Temperature inputs of the kernel: thermal zones, and hwmon chips that are not a zone's double.</summary>
/// <remarks>Source: Linux Documentation/driver-api/thermal/sysfs-api.rst and hwmon/sysfs-interface.rst; both in thousandths of a degree.</remarks>
internal static class Temperatures
{
    /// <summary>Outside of it no board works: a broken or absent sensor.</summary>
    public const double MinCelsius = -60, MaxCelsius = 200;

    private static readonly HashSet<string> CpuZones = new(StringComparer.Ordinal) { "cpu", "cpu-thermal", "cpu-thermal0", "x86-pkg-temp", "soc-thermal", "bcm2835-thermal", "coretemp", "k10temp" };

    /// <summary>Metric name and file of each input there is now.</summary>
    public static IReadOnlyList<(string Metric, string Path)> Find(HostFiles files)
    {
        var found = new List<(string, string)>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var zones = new HashSet<string>(StringComparer.Ordinal);
        foreach (string zone in files.List("sys/class/thermal", "thermal_zone"))
        {
            string path = $"sys/class/thermal/{zone}/temp";
            if (!files.Exists(path)) continue;
            string type = Part(files.TryReadText($"sys/class/thermal/{zone}/type") ?? zone);
            zones.Add(type);
            Add(CpuZones.Contains(type) ? "cpu" : type, path);
        }
        foreach (string chip in files.List("sys/class/hwmon", "hwmon"))
        {
            string name = Part(files.TryReadText($"sys/class/hwmon/{chip}/name") ?? chip);
            if (zones.Contains(name)) continue; // the kernel shows each zone a second time here
            foreach (string input in files.List($"sys/class/hwmon/{chip}", "temp"))
            {
                if (!input.EndsWith("_input", StringComparison.Ordinal)) continue;
                string channel = input[..^"_input".Length];
                string label = Part(files.TryReadText($"sys/class/hwmon/{chip}/{channel}_label") ?? channel);
                Add($"{name}/{label}", $"sys/class/hwmon/{chip}/{input}");
            }
        }
        return found;

        void Add(string part, string path)
        {
            int count = names[part] = names.GetValueOrDefault(part) + 1;
            found.Add((count == 1 ? $"{part}/temperature" : $"{part}-{count}/temperature", path)); // in the kernel's order: stable over restarts
        }
    }

    /// <summary>One spelling for what kernels write as <c>cpu_thermal</c>, <c>cpu-thermal</c> or <c>CPU Thermal</c>.</summary>
    public static string Part(string text)
    {
        string part = string.Concat(text.Trim().ToLowerInvariant().Select(static c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-')).Trim('-');
        return part.Length == 0 ? "unnamed" : part.Length > 64 ? part[..64] : part;
    }
}
