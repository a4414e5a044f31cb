namespace Edge.Testing.Storage;

/// <summary>A planted bug between the journal and its disk. Each is a mistake a journal (or a disk) can make; the tests have to find every one.</summary>
public enum DiskMutation
{
    /// <summary>Sync returns at once.</summary>
    SyncDoesNothing,

    /// <summary>The directory is never synced.</summary>
    SyncDirectoryDoesNothing,

    /// <summary>Every second sync is left out.</summary>
    EverySecondSyncSkipped,

    /// <summary>Sync returns before the data is down: it is done when the next write comes.</summary>
    SyncComesOneWriteLate,

    /// <summary>A failed sync is not reported, as .NET's own call does it.</summary>
    SyncFailureSwallowed,

    /// <summary>A failed sync is called again, and its success believed.</summary>
    SyncRetried,

    /// <summary>A failed write is not reported.</summary>
    WriteFailureSwallowed,

    /// <summary>Every seventh write is lost.</summary>
    WriteLost,

    /// <summary>Every seventh write lands one sector further on.</summary>
    WriteMisdirected,

    /// <summary>Every seventh write has a flipped bit.</summary>
    WriteFlipsABit,

    /// <summary>Every seventh write ends four bytes early.</summary>
    WriteShort,

    /// <summary>A rename is not done, but reported as done.</summary>
    RenameLost,

    /// <summary>The listing leaves the last file out.</summary>
    ListHidesTheLast,

    /// <summary>Reads at a page's end give zeros for the last sector.</summary>
    ReadReturnsStaleSector,
}
