using System.Runtime.InteropServices;

namespace Edge.Log.Storage;

/// <summary>The Linux error numbers (the same on x64 and arm64) that the journal tells apart.</summary>
public static class Errno
{
    public const int NotFound = 2, Interrupted = 4, Io = 5, Access = 13, Exists = 17, Invalid = 22, FileTableFull = 23, TooManyFiles = 24,
        NoSpace = 28, ReadOnly = 30, WouldBlock = 11, Quota = 122;

    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
