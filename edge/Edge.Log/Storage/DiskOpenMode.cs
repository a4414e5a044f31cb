namespace Edge.Log.Storage;

public enum DiskOpenMode : byte
{
    /// <summary>An existing file, for reading.</summary>
    Read,

    /// <summary>An existing file, for reading and writing.</summary>
    ReadWrite,

    /// <summary>A new file; fails with EEXIST when the name is taken. Durable only after <see cref="IDisk.SyncDirectory"/>.</summary>
    CreateNew,
}
