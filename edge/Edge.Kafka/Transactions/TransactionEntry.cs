namespace Edge.Kafka.Transactions;

/// <summary>A transactional id in memory. One change at a time, each durable before the next is decided.</summary>
internal sealed class TransactionEntry(string id) : IDisposable
{
    /// <summary>How long a request waits for the change before it. Longer: the client is told to try again (CONCURRENT_TRANSACTIONS).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile TransactionMetadata? _current;

    public string Id => id;

    /// <summary>What is durable; null before the first change. Set only by who entered.</summary>
    public TransactionMetadata? Current { get => _current; set => _current = value; }

    /// <summary>Monotonic time at which the open transaction began, or at which this boot took it over.</summary>
    public long StartedAt { get; set; }

    public Task<bool> TryEnterAsync() => _gate.WaitAsync(Patience);

    public bool TryEnterNow() => _gate.Wait(0);

    public void Leave() => _gate.Release();

    public void Dispose() => _gate.Dispose();
}
