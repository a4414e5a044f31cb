namespace Edge.Testing.Storage;

/// <summary>Kinds of I/O, as a set: what a fault rule matches and what a crash point is counted by.</summary>
[Flags]
public enum DiskOperations
{
    None = 0,
    Open = 1,
    Create = 2,
    Read = 4,
    Write = 8,
    Preallocate = 16,
    Truncate = 32,
    Sync = 64,
    Rename = 128,
    Unlink = 256,
    SyncDirectory = 512,
    List = 1024,

    /// <summary>What changes the disk: a power cut between two others leaves the same images, so only these are crash points.</summary>
    Mutating = Create | Write | Preallocate | Truncate | Sync | Rename | Unlink | SyncDirectory,
    All = Open | Read | List | Mutating,
}
