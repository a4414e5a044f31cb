using System.Runtime.InteropServices;

namespace Edge.Hardware.Buses;

/// <summary>The few calls of the C library that .NET has no form of.</summary>
internal static unsafe partial class Libc
{
    public const int ReadWrite = 2, ReadOnly = 0, NoControllingTerminal = 0x100, NonBlocking = 0x800, CloseOnExec = 0x80000;
    public const int NoPermission = 13, NoPermission2 = 1, NoEntry = 2, NoDevice = 19, NoDeviceOrAddress = 6, Busy = 16, Invalid = 22, Interrupted = 4, TryAgain = 11, NoTty = 25,
        IoError = 5, TimedOut = 110, RemoteIo = 121, NotSupported = 95, IsProtocol = 71;
    public const short PollIn = 1;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Handle;
        public short Events, Happened;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int handle, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int handle, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    // Variadic in C; on x64 and arm64 Linux a pointer as third argument is passed the same way.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(int handle, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventHandle(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    public static partial int GetTerminal(int handle, void* termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    public static partial int SetTerminal(int handle, int when, void* termios);

    [LibraryImport("libc", EntryPoint = "cfsetspeed", SetLastError = true)]
    public static partial int SetSpeed(void* termios, uint speed);

    [LibraryImport("libc", EntryPoint = "tcflush", SetLastError = true)]
    public static partial int FlushTerminal(int handle, int queue);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Status(int folder, string path, int flags, uint mask, void* status);

    public static int LastError => Marshal.GetLastPInvokeError();

    public static string Text(int error) => Marshal.GetPInvokeErrorMessage(error);
}
