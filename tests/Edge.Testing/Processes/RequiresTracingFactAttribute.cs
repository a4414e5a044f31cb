using System.Globalization;
using Xunit;

namespace Edge.Testing.Processes;

/// <summary>A test that lets strace make system calls of a running process fail: it is skipped where that is not possible or not permitted.</summary>
public sealed class RequiresTracingFactAttribute : FactAttribute
{
    private const int SysPtrace = 19; // CAP_SYS_PTRACE, linux/capability.h

    public RequiresTracingFactAttribute() => Skip = Reason();

    private static string? Reason()
    {
        if (ToolPath.Find("strace") is null) return "not installed here: strace";
        string scope = ReadFirst("/proc/sys/kernel/yama/ptrace_scope");
        if (scope is "" or "0" || (scope != "3" && HasCapability())) return null;
        return $"this user may not trace running processes (kernel.yama.ptrace_scope is {scope})";
    }

    private static bool HasCapability()
    {
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(static l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong bits) && (bits >> SysPtrace & 1) == 1;
    }

    private static string ReadFirst(string path)
    {
        try { return File.ReadAllText(path).Trim(); }
        catch (IOException) { return ""; } // a kernel without that restriction has no such file
    }
}
