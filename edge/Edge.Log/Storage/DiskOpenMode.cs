namespace Edge.Log.Storage;

/// <summary>How <see cref="IDisk.Open"/> opens a file.</summary>
public enum DiskOpenMode : byte
{
    /// <summary>An existing file, for reading.</summary>
    Read,

    /// <summary>An existing file, for reading and writing.</summary>
    ReadWrite,

    /// <summary>A new file; fails with EEXIST when the name is taken. Durable only after <see cref="IDisk.SyncDirectory"/>.</summary>
    CreateNew,
}
