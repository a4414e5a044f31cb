using Microsoft.Win32.SafeHandles;

namespace Edge.Log.Storage;

/// <summary>Holds a data directory for one process. The kernel drops the lock when the process dies, however it dies.</summary>
public sealed class DirectoryLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private DirectoryLock(SafeFileHandle file) => _file = file;

    /// <summary>Creates the directory when missing and locks it.</summary>
    /// <exception cref="DirectoryInUseException">Another process holds it.</exception>
    /// <exception cref="DiskException">The directory cannot be created or written.</exception>
    public static DirectoryLock Acquire(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (UnauthorizedAccessException) { throw new DiskException("mkdir", directory, Errno.Access); }
        catch (IOException e) { throw new DiskException("mkdir", directory, e.HResult); }
        string path = Path.Combine(directory, "lock");
        SafeFileHandle file = Posix.Open(path, Posix.ReadWriteFlag | Posix.CreateFlag);
        try
        {
            if (!Posix.TryLock(file, path)) throw new DirectoryInUseException(directory);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return new DirectoryLock(file);
    }

    public void Dispose() => _file.Dispose();
}
