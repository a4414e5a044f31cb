using Edge.Host.Configuration;
using Edge.Log.Storage;

namespace Edge.Host.Commands;

/// <summary>A data directory that no appliance runs on, held by its lock while a command works on its files.</summary>
internal sealed class OfflineDirectory : IDisposable
{
    private readonly DirectoryLock? _lock;

    private OfflineDirectory(string path, DirectoryLock? directoryLock)
    {
        (Path, _lock) = (path, directoryLock);
        Journal = new PosixDisk(JournalIn(path));
    }

    public string Path { get; }

    public IDisk Journal { get; }

    /// <param name="directory">Null: the default data directory.</param>
    /// <param name="toWrite">False: a file system mounted read-only will do, since nobody can run on it.</param>
    /// <exception cref="DirectoryInUseException">The appliance runs.</exception>
    public static OfflineDirectory Open(string? directory, bool toWrite)
    {
        directory ??= EdgeOptions.DefaultDataDirectory;
        if (!Directory.Exists(JournalIn(directory))) throw new CommandException(ExitCode.Unreachable, $"there is no journal in '{directory}'. Name the data directory with --data.");
        try { return new OfflineDirectory(directory, DirectoryLock.Acquire(directory)); }
        catch (DiskException e) when (!toWrite && e.ErrnoValue == Errno.ReadOnly) { return new OfflineDirectory(directory, null); }
    }

    public void Dispose() => _lock?.Dispose();

    private static string JournalIn(string directory) => System.IO.Path.Combine(directory, "journal");
}
