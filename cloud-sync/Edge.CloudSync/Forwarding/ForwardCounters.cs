namespace Edge.CloudSync.Forwarding;

/// <summary>Totals since the start of the process, over all sessions. Thread-safe.</summary>
internal sealed class ForwardCounters
{
    private long _records, _bytes, _pointers, _gaps, _sessions, _transactions, _aborted;

    public long Records => Interlocked.Read(ref _records);
    public long Bytes => Interlocked.Read(ref _bytes);
    public long Pointers => Interlocked.Read(ref _pointers);
    public long Gaps => Interlocked.Read(ref _gaps);
    public long Sessions => Interlocked.Read(ref _sessions);

    public long Transactions => Interlocked.Read(ref _transactions);
    public long AbortedTransactions => Interlocked.Read(ref _aborted);

    public void Committed(int records, long bytes, int pointers, int gaps)
    {
        Interlocked.Increment(ref _transactions);
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Add(ref _pointers, pointers);
        Interlocked.Add(ref _gaps, gaps);
    }

    public void Aborted() => Interlocked.Increment(ref _aborted);

    public void Confirmed(SentAs kind, int bytes)
    {
        if (kind == SentAs.Gap)
        {
            Interlocked.Increment(ref _gaps);
            return;
        }
        Interlocked.Increment(ref _records);
        Interlocked.Add(ref _bytes, bytes);
        if (kind == SentAs.Pointer) Interlocked.Increment(ref _pointers);
    }

    public void SessionOpened() => Interlocked.Increment(ref _sessions);
}
