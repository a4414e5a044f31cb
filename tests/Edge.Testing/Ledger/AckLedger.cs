namespace Edge.Testing.Ledger;

/// <summary>What was acknowledged, by client and sequence number (0-based). Thread-safe.</summary>
public sealed class AckLedger
{
    private readonly Dictionary<int, HashSet<long>> _acknowledged = [];
    private readonly object _gate = new();
    private long _count;

    /// <summary>Acknowledgements counted once each.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Acknowledge(int client, long sequence)
    {
        lock (_gate)
        {
            if (!_acknowledged.TryGetValue(client, out HashSet<long>? sequences)) _acknowledged.Add(client, sequences = []);
            if (sequences.Add(sequence)) Interlocked.Increment(ref _count);
        }
    }

    public bool IsAcknowledged(int client, long sequence)
    {
        lock (_gate) return _acknowledged.TryGetValue(client, out HashSet<long>? sequences) && sequences.Contains(sequence);
    }

    /// <summary>A snapshot, in order.</summary>
    public IReadOnlyList<(int Client, long Sequence)> Snapshot()
    {
        lock (_gate) return [.. _acknowledged.OrderBy(static c => c.Key).SelectMany(static c => c.Value.Order().Select(s => (c.Key, s)))];
    }
}
