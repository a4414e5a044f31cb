using System.Globalization;

namespace Edge.Benchmarks.Appliance;

/// <summary>Resident memory of a process as the kernel counts it (proc(5), status).</summary>
internal static class ProcessMemory
{
    /// <summary>Now, MiB.</summary>
    public static double ResidentMiB(int pid) => Field(pid, "VmRSS:");

    /// <summary>The most it ever was, MiB.</summary>
    public static double PeakMiB(int pid) => Field(pid, "VmHWM:");

    private static double Field(int pid, string name)
    {
        string line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")).First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024.0;
    }
}
