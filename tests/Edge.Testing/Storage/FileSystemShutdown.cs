using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Edge.Testing.Storage;

/// <summary>ext4's shutdown ioctl: the file system stops at once, without writing what it holds in memory.</summary>
internal static partial class FileSystemShutdown
{
    private const uint ShutdownRequest = 0x8004587d; // EXT4_IOC_SHUTDOWN, fs/ext4/ext4.h
    private const uint NoLogFlush = 2;

    public static void WithoutLogFlush(string mountPoint)
    {
        using SafeFileHandle directory = Open(mountPoint, 0);
        if (directory.IsInvalid) throw new IOException($"open of {mountPoint}: errno {Marshal.GetLastPInvokeError()}");
        uint flags = NoLogFlush;
        if (Control(directory, ShutdownRequest, ref flags) != 0) throw new IOException($"The shutdown ioctl on {mountPoint} failed: errno {Marshal.GetLastPInvokeError()}; is it ext4?");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref uint argument);
}
