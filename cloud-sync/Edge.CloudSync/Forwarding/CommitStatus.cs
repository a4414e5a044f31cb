namespace Edge.CloudSync.Forwarding;

/// <summary>How a step of a transaction ended.</summary>
internal enum CommitStatus : byte
{
    Done,

    /// <summary>No answer yet: the same call again.</summary>
    TryAgain,

    /// <summary>The transaction has to be aborted.</summary>
    MustAbort,

    /// <summary>The producer is of no more use; what became of the transaction, only the centre knows.</summary>
    Failed,

    /// <summary>The centre has no transactions.</summary>
    Unsupported,
}
