using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Edge.Log.Storage;

/// <summary>The system calls the journal stands on.</summary>
/// <remarks>Own P/Invoke because the BCL hides a failed fsync and cannot sync a directory (docs/decisions). Linux, 64-bit: off_t is 64 bits.</remarks>
internal static unsafe partial class Posix
{
    public const int ReadOnlyFlag = 0, ReadWriteFlag = 2, CreateFlag = 0x40, ExclusiveFlag = 0x80, CloseOnExecFlag = 0x80000;

    /// <summary>O_DIRECTORY has another value on arm64.</summary>
    public static readonly int DirectoryFlag = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    public const int LockExclusive = 2, LockNonBlocking = 4;

    public static SafeFileHandle Open(string path, int flags, int mode = 0x180 /* 0600 */)
    {
        while (true)
        {
            int descriptor = OpenCall(path, flags | CloseOnExecFlag, mode);
            if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.Interrupted) throw new DiskException("open", path, errno);
        }
    }

    public static int Read(SafeFileHandle file, string path, long position, Span<byte> destination)
    {
        int done = 0;
        fixed (byte* start = destination)
        {
            while (done < destination.Length)
            {
                nint read = PreadCall(file, start + done, (nuint)(destination.Length - done), position + done);
                if (read == 0) break;
                if (read > 0) done += (int)read;
                else ThrowUnlessInterrupted("pread", path);
            }
        }
        return done;
    }

    public static void Write(SafeFileHandle file, string path, long position, ReadOnlySpan<byte> source)
    {
        int done = 0;
        fixed (byte* start = source)
        {
            while (done < source.Length)
            {
                nint written = PwriteCall(file, start + done, (nuint)(source.Length - done), position + done);
                if (written > 0) done += (int)written;
                else if (written == 0) throw new DiskException("pwrite", path, Errno.NoSpace);
                else ThrowUnlessInterrupted("pwrite", path);
            }
        }
    }

    public static void DataSync(SafeFileHandle file, string path)
    {
        // An interrupted fdatasync has reported nothing yet and may be called again; any other failure is final for this file.
        while (FdatasyncCall(file) != 0) ThrowUnlessInterrupted("fdatasync", path);
    }

    public static void Allocate(SafeFileHandle file, string path, long length)
    {
        int errno;
        while ((errno = PosixFallocateCall(file, 0, length)) == Errno.Interrupted) { }
        if (errno != 0) throw new DiskException("fallocate", path, errno);
    }

    public static void Truncate(SafeFileHandle file, string path, long length)
    {
        while (FtruncateCall(file, length) != 0) ThrowUnlessInterrupted("ftruncate", path);
    }

    public static void SyncDirectory(string path)
    {
        using SafeFileHandle directory = Open(path, ReadOnlyFlag | DirectoryFlag);
        while (FsyncCall(directory) != 0) ThrowUnlessInterrupted("fsync", path);
    }

    public static void Rename(string from, string to)
    {
        if (RenameCall(from, to) != 0) throw new DiskException("rename", from, Marshal.GetLastPInvokeError());
    }

    public static void Unlink(string path)
    {
        if (UnlinkCall(path) != 0) throw new DiskException("unlink", path, Marshal.GetLastPInvokeError());
    }

    /// <summary>True when this open file now holds the exclusive lock; false when another one has it.</summary>
    public static bool TryLock(SafeFileHandle file, string path)
    {
        while (FlockCall(file, LockExclusive | LockNonBlocking) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.WouldBlock) return false;
            if (errno != Errno.Interrupted) throw new DiskException("flock", path, errno);
        }
        return true;
    }

    private static void ThrowUnlessInterrupted(string operation, string path)
    {
        int errno = Marshal.GetLastPInvokeError();
        if (errno != Errno.Interrupted) throw new DiskException(operation, path, errno);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint PreadCall(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint PwriteCall(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FdatasyncCall(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FsyncCall(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocateCall(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int FtruncateCall(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameCall(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkCall(string path);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FlockCall(SafeFileHandle file, int operation);
}
