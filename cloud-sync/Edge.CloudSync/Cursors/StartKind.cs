namespace Edge.CloudSync.Cursors;

/// <summary>What the first look at the centre says; docs/operations/sync.md has the table.</summary>
internal enum StartKind : byte
{
    /// <summary>The histories agree: go on at the cursors.</summary>
    Resume,

    /// <summary>The centre knows nothing of this device, and neither does the local state.</summary>
    Fresh,

    /// <summary>A fork is under way: its plan is durable here, its first transaction is not at the centre yet.</summary>
    FinishFork,

    /// <summary>The disk was rolled back or a backup restored: a new lineage goes on where the histories part.</summary>
    Fork,

    /// <summary>The data directory was made anew under an old name: this log becomes the child of the one at the centre.</summary>
    Succeed,

    /// <summary>Someone else forwards as this device. Stop and alarm.</summary>
    Rival,

    /// <summary>The centre's history has no boot in common with ours. Stop and alarm.</summary>
    Stranger,

    /// <summary>The centre lost the cursors that we know it had. Stop and alarm, unless <c>Sync:CursorLost</c> says how to go on.</summary>
    CursorLost,
}
