using System.Text;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Log.Gaps;

/// <summary>What left the journal before it was forwarded: internal table <c>__gaps</c>, written in the same commit item as the removal itself.</summary>
/// <remarks>A record goes when the forwarder's cursor passed it (<see cref="Partition.RetentionFloor"/>): the centre has it by then.</remarks>
public sealed class GapTable
{
    internal const string TableName = "__gaps";
    private const int MaxGaps = 10_000;
    private static readonly TimeSpan KeptUnwanted = TimeSpan.FromDays(30);
    private readonly Journal _journal;

    internal GapTable(Journal journal) => _journal = journal;

    /// <summary>All gap records that are kept, in order of topic, partition and offset.</summary>
    public IReadOnlyList<JournalGap> All =>
        _journal.TryGetTable(TableName, out KeyedTable table) ? [.. table.Snapshot().OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => JournalGap.Parse(p.Value))] : [];

    /// <summary>The gap records of a partition that touch [from, to), in order of their offsets, cut to that range.</summary>
    public IReadOnlyList<JournalGap> In(Partition partition, long from, long to)
    {
        if (!_journal.TryGetTable(TableName, out KeyedTable table) || table.Count == 0) return [];
        string own = JournalGap.KeyPrefix(partition.Topic.Name, partition.Index); // the writer asks for every removal: other partitions' records are not parsed
        var found = new List<JournalGap>();
        foreach ((string key, ReadOnlyMemory<byte> value) in table.Snapshot())
        {
            if (!key.StartsWith(own, StringComparison.Ordinal)) continue;
            JournalGap gap = JournalGap.Parse(value);
            if (gap.To > from && gap.From < to) found.Add(gap with { From = Math.Max(gap.From, from), To = Math.Min(gap.To, to) });
        }
        found.Sort(static (a, b) => a.From.CompareTo(b.From));
        return found;
    }

    /// <summary>Removes a record that was sent in another way (its topic was deleted); completes when durable.</summary>
    public Task<CommitOutcome> ForgetAsync(JournalGap gap) => _journal.GetTable(TableName).PutAsync(gap.Key, default(ReadOnlyMemory<byte>?));

    /// <summary>Upper bound of the bytes one <see cref="Add"/> appends, frame header included.</summary>
    internal const int BytesPerGap = 450 + (2 * TopicRegistry.MaxNameLength);

    /// <summary>Writes the record, or lengthens the one that ends where this begins. On the writer thread.</summary>
    internal void Add(ICommitWriter writer, Partition partition, long from, long to, string reason)
    {
        KeyedTable table = _journal.GetTable(TableName);
        var gap = new JournalGap(_journal.LogId, partition.Topic.Name, partition.Index, from, to, reason, _journal.TimeProvider.GetUtcNow());
        foreach (JournalGap before in In(partition, 0, from))
            if (before.To == from && before.Reason == reason && before.Log == gap.Log) gap = gap with { From = before.From };
        writer.Put(table, Encoding.UTF8.GetBytes(gap.Key), gap.ToJson(_journal.DeviceId));
    }

    /// <summary>Removes what is no longer needed, at most <paramref name="limit"/> records. On the writer thread.</summary>
    internal void Prune(ICommitWriter writer, int limit)
    {
        if (!_journal.TryGetTable(TableName, out KeyedTable table) || table.Count == 0) return;
        DateTimeOffset old = _journal.TimeProvider.GetUtcNow() - KeptUnwanted;
        int surplus = table.Count - MaxGaps;
        foreach (JournalGap gap in All)
        {
            if (limit == 0) return;
            bool known = _journal.Topics.TryGet(gap.Topic, out Topic topic) && gap.Partition < topic.Partitions.Count;
            long floor = known ? topic.Partitions[gap.Partition].RetentionFloor : long.MaxValue;
            bool done = floor == long.MaxValue ? gap.Time < old || surplus > 0 : gap.To <= floor;
            if (!done) continue;
            writer.Put(table, Encoding.UTF8.GetBytes(gap.Key), default(ReadOnlyMemory<byte>?));
            surplus--;
            limit--;
        }
    }
}
