namespace Edge.Log.Commit;

/// <summary>Something to be made durable as a whole: recovery keeps all frames of an item or none.</summary>
/// <remarks>
/// Submitted with <see cref="Journal.Submit"/> from any thread. <see cref="Write"/> and <see cref="Complete"/> run once each, in submit order, on the journal's
/// writer thread; they must not block, and must not throw for expected outcomes. While one fdatasync runs, further items gather for the next group.
/// </remarks>
public abstract class CommitItem
{
    /// <summary>Upper bound of the bytes <see cref="Write"/> will append, batch headers included. Read on the writer thread directly before <see cref="Write"/>.</summary>
    public abstract int SizeBytes { get; }

    /// <summary>Upper bound of the batches <see cref="Write"/> will append, table puts included.</summary>
    public virtual int MaxBatches => 16;

    /// <summary>Internal topics and what must go on when the disk is full; uses the reserve.</summary>
    public virtual bool UsesReserve => false;

    /// <summary>At the disk's bound the oldest records of topics with <c>full=drop-oldest</c> may go for this one: it has records of such a topic.</summary>
    public virtual bool MayDropOldest => false;

    /// <summary>Appends the item's batches. Not called when the item is refused or the journal is fenced.</summary>
    public abstract void Write(ICommitWriter writer);

    /// <summary>Called after the fdatasync that covers the item, or when it was refused or failed.</summary>
    public abstract void Complete(CommitOutcome outcome);
}
