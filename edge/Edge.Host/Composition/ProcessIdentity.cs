using System.Globalization;

namespace Edge.Host.Composition;

/// <summary>Tells a process from a later one that got the same pid.</summary>
/// <param name="StartTicks">Start in clock ticks since boot, field 22 of /proc/PID/stat.</param>
/// <param name="BootId">/proc/sys/kernel/random/boot_id.</param>
internal sealed record ProcessIdentity(int Pid, long StartTicks, string BootId)
{
    public static ProcessIdentity Current { get; } = new(Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0, Boot());

    /// <summary>True while that very process runs.</summary>
    public bool IsRunning => Boot() == BootId && StartOf(Pid) == StartTicks;

    private static string Boot()
    {
        try { return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(); }
        catch (IOException) { return ""; }
    }

    /// <summary>Null when there is no such process. The name in field 2 may hold spaces and brackets, so fields are counted from its last bracket.</summary>
    private static long? StartOf(int pid)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException) { return null; }
    }
}
