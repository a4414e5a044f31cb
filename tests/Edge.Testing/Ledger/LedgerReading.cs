namespace Edge.Testing.Ledger;

/// <summary>What one store gave back when it was read from its start, and how that compares with what was acknowledged.</summary>
/// <remarks>At-least-once: a message that was stored and not acknowledged before a crash is sent again, so a second copy is fine; a copy that comes first out of order is not. Not thread-safe.</remarks>
public sealed class LedgerReading
{
    private readonly Dictionary<int, HashSet<long>> _seen = [];
    private readonly Dictionary<int, long> _highest = [];
    private readonly List<string> _reordered = [];

    /// <summary>Records read.</summary>
    public long Records { get; private set; }

    /// <summary>Second copies of a message.</summary>
    public long Copies { get; private set; }

    /// <summary>Messages whose first copy came after a later one of the same client; the first 20.</summary>
    public IReadOnlyList<string> Reordered => _reordered;

    /// <summary>Adds a record; those of one client must come from one partition in the order of their offsets.</summary>
    public void Add(int client, long sequence)
    {
        Records++;
        if (!_seen.TryGetValue(client, out HashSet<long>? sequences)) _seen.Add(client, sequences = []);
        if (!sequences.Add(sequence))
        {
            Copies++;
            return;
        }
        if (_highest.TryGetValue(client, out long highest) && sequence < highest)
        {
            if (_reordered.Count < 20) _reordered.Add($"{client}:{sequence} after {client}:{highest}");
        }
        else _highest[client] = sequence;
    }

    /// <summary>Messages acknowledged and not read; at most <paramref name="limit"/>.</summary>
    public IReadOnlyList<string> Missing(AckLedger ledger, int limit = 20)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return [.. ledger.Snapshot().Where(m => !_seen.TryGetValue(m.Client, out HashSet<long>? sequences) || !sequences.Contains(m.Sequence)).Take(limit).Select(static m => $"{m.Client}:{m.Sequence}")];
    }
}
