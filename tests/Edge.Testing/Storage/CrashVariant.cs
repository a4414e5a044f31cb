namespace Edge.Testing.Storage;

/// <summary>What of the un-synced changes is found on the medium after a power cut.</summary>
public enum CrashVariant
{
    /// <summary>Only what was synced: files and names.</summary>
    NothingKept,

    /// <summary>Everything, as if the kernel had written all back just in time.</summary>
    EverythingKept,

    /// <summary>All names, but no un-synced byte: new files are empty.</summary>
    NamesOnly,

    /// <summary>All bytes, but no un-synced name.</summary>
    DataOnly,

    /// <summary>Of each file, and of the directory, the changes up to a random moment, the last write cut at any byte.</summary>
    Prefix,

    /// <summary>A random subset of the un-synced 512-byte sectors: reordered write-back.</summary>
    SectorSubset,

    /// <summary>As <see cref="SectorSubset"/>, and kept sectors may be torn at any byte.</summary>
    ByteTears,

    /// <summary>Sizes are updated, data is missing from a random place on: zeros beyond the old end of the file.</summary>
    SizeWithoutData,

    /// <summary>Un-synced sectors hold garbage where their bytes were to change.</summary>
    Garbage,
}
