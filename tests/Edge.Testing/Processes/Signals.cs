using System.Runtime.InteropServices;

namespace Edge.Testing.Processes;

/// <summary>Signals to a process of which the pid is known.</summary>
public static partial class Signals
{
    private const int SigKill = 9, SigTerm = 15, SigContinue = 18, SigStop = 19;

    /// <summary>kill -9: the process gets no chance to do anything.</summary>
    public static void Kill(int pid) => Send(pid, SigKill);

    /// <summary>Asks the process to end.</summary>
    public static void Terminate(int pid) => Send(pid, SigTerm);

    /// <summary>Freezes the process: its connections stay open and nothing answers.</summary>
    public static void Freeze(int pid) => Send(pid, SigStop);

    /// <summary>Lets a frozen process go on.</summary>
    public static void Thaw(int pid) => Send(pid, SigContinue);

    private static void Send(int pid, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 2); // 0 and below would reach whole groups
        _ = SendSignal(pid, signal); // already gone is as good
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
