namespace Edge.Log.Storage;

/// <summary>A real directory on a Linux file system.</summary>
public sealed class PosixDisk : IDisk
{
    private readonly string _directory;

    /// <summary>Uses that directory, which is created (mode 0700) when missing.</summary>
    public PosixDisk(string directory)
    {
        _directory = Path.GetFullPath(directory);
        if (Directory.Exists(_directory)) return;
        Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(_directory) is { Length: > 0 } parent) Posix.SyncDirectory(parent);
    }

    public IDiskFile Open(string name, DiskOpenMode mode)
    {
        string path = PathOf(name);
        if (mode == DiskOpenMode.CreateNew && name.Contains('/', StringComparison.Ordinal)) MakeFolder(Path.GetDirectoryName(path)!);
        int flags = mode switch
        {
            DiskOpenMode.Read => Posix.ReadOnlyFlag,
            DiskOpenMode.ReadWrite => Posix.ReadWriteFlag,
            _ => Posix.ReadWriteFlag | Posix.CreateFlag | Posix.ExclusiveFlag,
        };
        return new PosixFile(Posix.Open(path, flags), path);
    }

    private void MakeFolder(string path)
    {
        if (Directory.Exists(path)) return;
        try { Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
        catch (UnauthorizedAccessException) { throw new DiskException("mkdir", path, Errno.Access); }
        catch (IOException e) { throw new DiskException("mkdir", path, e.HResult); }
        Posix.SyncDirectory(_directory);
    }

    public bool Exists(string name) => File.Exists(PathOf(name));

    public IReadOnlyList<string> List()
    {
        string[] names = Directory.GetFiles(_directory);
        for (int i = 0; i < names.Length; i++) names[i] = Path.GetFileName(names[i]);
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    public void Rename(string from, string to) => Posix.Rename(PathOf(from), PathOf(to));

    public void Unlink(string name) => Posix.Unlink(PathOf(name));

    public void SyncDirectory() => Posix.SyncDirectory(_directory);

    public long FreeBytes => new DriveInfo(_directory).AvailableFreeSpace;

    public long TotalBytes => new DriveInfo(_directory).TotalSize;

    public override string ToString() => _directory;

    private string PathOf(string name) => Path.Combine(_directory, name);
}
