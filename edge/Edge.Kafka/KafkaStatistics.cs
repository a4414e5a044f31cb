namespace Edge.Kafka;

/// <summary>Counters since start. Exact; read without a lock.</summary>
public sealed class KafkaStatistics
{
    private long _connections, _connectionsTotal, _connectionsRefused, _malformed, _unsupported, _timeouts, _requests, _bytesIn, _bytesOut, _recordsIn, _batchesIn,
        _duplicates, _batchesRefused, _failures, _committed, _aborted, _timedOut;

    /// <summary>Connections open now.</summary>
    public long Connections => Volatile.Read(ref _connections);
    public long ConnectionsTotal => Volatile.Read(ref _connectionsTotal);

    /// <summary>Closed at once because the bound on connections was reached.</summary>
    public long ConnectionsRefused => Volatile.Read(ref _connectionsRefused);

    /// <summary>Connections closed because the bytes were not Kafka or not well-formed.</summary>
    public long MalformedRequests => Volatile.Read(ref _malformed);

    /// <summary>Requests for an API or version that is not advertised.</summary>
    public long UnsupportedRequests => Volatile.Read(ref _unsupported);

    /// <summary>Connections closed as idle, or because a request or response did not move.</summary>
    public long ConnectionTimeouts => Volatile.Read(ref _timeouts);
    public long Requests => Volatile.Read(ref _requests);
    public long BytesIn => Volatile.Read(ref _bytesIn);
    public long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>Records made durable by produce requests.</summary>
    public long RecordsIn => Volatile.Read(ref _recordsIn);
    public long BatchesIn => Volatile.Read(ref _batchesIn);

    /// <summary>Batches an idempotent producer sent again and that were stored already.</summary>
    public long DuplicateBatches => Volatile.Read(ref _duplicates);

    /// <summary>Batches answered with an error.</summary>
    public long BatchesRefused => Volatile.Read(ref _batchesRefused);

    /// <summary>Requests that failed on a fault of ours; each is logged.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Transactions committed.</summary>
    public long TransactionsCommitted => Volatile.Read(ref _committed);

    /// <summary>Transactions aborted, whatever the reason.</summary>
    public long TransactionsAborted => Volatile.Read(ref _aborted);

    /// <summary>Transactions aborted because their time was over; their producers were fenced.</summary>
    public long TransactionsTimedOut => Volatile.Read(ref _timedOut);

    internal void TransactionEnded(bool isCommit) => Interlocked.Increment(ref isCommit ? ref _committed : ref _aborted);
    internal void TransactionTimedOut() => Interlocked.Increment(ref _timedOut);

    internal void ConnectionOpened()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _connectionsTotal);
    }

    internal void ConnectionClosed() => Interlocked.Decrement(ref _connections);
    internal void ConnectionRefused() => Interlocked.Increment(ref _connectionsRefused);
    internal void Malformed() => Interlocked.Increment(ref _malformed);
    internal void Unsupported() => Interlocked.Increment(ref _unsupported);
    internal void TimedOut() => Interlocked.Increment(ref _timeouts);
    internal void Failed() => Interlocked.Increment(ref _failures);
    internal void BatchRefused() => Interlocked.Increment(ref _batchesRefused);
    internal void BatchDuplicate() => Interlocked.Increment(ref _duplicates);

    internal void RequestReceived(int bytes)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _bytesIn, bytes);
    }

    internal void ResponseSent(int bytes) => Interlocked.Add(ref _bytesOut, bytes);

    internal void BatchStored(int records)
    {
        Interlocked.Increment(ref _batchesIn);
        Interlocked.Add(ref _recordsIn, records);
    }
}
