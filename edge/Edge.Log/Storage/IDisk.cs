namespace Edge.Log.Storage;

/// <summary>One flat directory of files. Everything the journal does to storage goes through it.</summary>
/// <remarks>
/// Semantics are those of POSIX and ext4: a write is volatile until <see cref="IDiskFile.Sync"/> returned; a created, renamed or unlinked name is volatile
/// until <see cref="SyncDirectory"/> returned. Every failure is a <see cref="DiskException"/> with its errno. Names are plain file names; one
/// folder level (<c>quarantine/name</c>) is made when a file is created in it, and is not listed.
/// </remarks>
public interface IDisk
{
    /// <summary>Opens a file. Throws <see cref="DiskException"/> (ENOENT, EEXIST, EMFILE, …).</summary>
    IDiskFile Open(string name, DiskOpenMode mode);

    bool Exists(string name);

    /// <summary>Names of all files, in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Atomically gives a file another name, replacing what had it.</summary>
    void Rename(string from, string to);

    void Unlink(string name);

    /// <summary>fsync of the directory: names created, renamed and unlinked so far survive a power cut.</summary>
    void SyncDirectory();

    /// <summary>Bytes an unprivileged writer may still allocate.</summary>
    long FreeBytes { get; }

    /// <summary>Size of the file system in bytes.</summary>
    long TotalBytes { get; }
}
