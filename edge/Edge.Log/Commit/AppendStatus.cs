namespace Edge.Log.Commit;

/// <summary>Outcome of an append. Anything but <see cref="Ok"/> and <see cref="Duplicate"/> means that nothing was written.</summary>
public enum AppendStatus : byte
{
    Ok,

    /// <summary>The batch of this producer and sequence is stored already; the offset is the original one.</summary>
    Duplicate,

    BatchTooLarge,

    /// <summary>The disk's bound is reached and the topic's policy is <c>reject</c>.</summary>
    LogFull,

    OutOfOrderSequence,
    InvalidProducerEpoch,

    /// <summary>A transactional batch outside its producer's open transaction, or another one inside it.</summary>
    InvalidTransaction,

    /// <summary>Topic or partition was deleted.</summary>
    UnknownPartition,

    /// <summary>A write or sync failed; the journal is read-only until restart.</summary>
    Fenced,
}
