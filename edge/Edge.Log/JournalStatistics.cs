namespace Edge.Log;

/// <summary>Counters since start; exact, read without a lock.</summary>
public sealed class JournalStatistics
{
    internal long RecordsCount, BatchesCount, CommitsCount, PayloadCount, WrittenCount, SegmentsCount, StoredCount, DroppedCount, DroppedOldestCount, TrimmedCount, QuarantinedCount, RefusedCount, DamagedCount, ReAppends;

    public long Records => Volatile.Read(ref RecordsCount);
    public long Batches => Volatile.Read(ref BatchesCount);

    /// <summary>Group commits: one fdatasync each.</summary>
    public long Commits => Volatile.Read(ref CommitsCount);

    /// <summary>Bytes of appended batches.</summary>
    public long PayloadBytes => Volatile.Read(ref PayloadCount);

    /// <summary>Bytes given to pwrite, pre-writing of segments included.</summary>
    public long WrittenBytes => Volatile.Read(ref WrittenCount);

    public long Segments => Volatile.Read(ref SegmentsCount);

    /// <summary>Size of all segment files in bytes.</summary>
    public long StoredBytes => Volatile.Read(ref StoredCount);

    /// <summary>Records removed by retention.</summary>
    public long DroppedByRetention => Volatile.Read(ref DroppedCount);

    /// <summary>Records of topics with <c>full=drop-oldest</c> removed at the disk's bound.</summary>
    public long DroppedOldest => Volatile.Read(ref DroppedOldestCount);

    /// <summary>Records removed by DeleteRecords.</summary>
    public long Trimmed => Volatile.Read(ref TrimmedCount);

    /// <summary>Offsets whose bytes did not verify at recovery; their bytes are kept in the quarantine folder.</summary>
    public long Quarantined => Volatile.Read(ref QuarantinedCount);

    /// <summary>Commit items refused because the disk's bound was reached.</summary>
    public long RefusedFull => Volatile.Read(ref RefusedCount);

    /// <summary>Bytes that were stored but did not verify when read or recovered.</summary>
    public long DamagedBytes => Volatile.Read(ref DamagedCount);

    /// <summary>Times a group was written again to a fresh segment after a failed write or sync.</summary>
    public long RepeatedGroups => Volatile.Read(ref ReAppends);
}
