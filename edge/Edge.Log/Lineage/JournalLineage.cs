using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Log.Lineage;

/// <summary>Who this journal is: its log id, the ids it was forked from, and its boots. Kept in the internal table <c>__boots</c>.</summary>
/// <remarks>The log id changes by a fork alone: a restored backup or a cloned card goes on under a new one, so that no offset is used twice within a log id.</remarks>
public sealed class JournalLineage
{
    internal const string LogKey = "log", BootPrefix = "boot/", ParentsKey = "parents", ForkKey = "fork";
    private readonly Journal _journal;

    internal JournalLineage(Journal journal) => _journal = journal;

    /// <summary>The current log id, 8 hex digits.</summary>
    public string LogId => _journal.LogId;

    /// <summary>Ids this log descends from, newest first; empty when it was formatted here and never forked.</summary>
    public IReadOnlyList<string> Parents =>
        Table.TryGet(ParentsKey, out ReadOnlyMemory<byte> parents) && parents.Length > 0 ? Encoding.UTF8.GetString(parents.Span).Split(',') : [];

    /// <summary>What the last fork planned, as given to <see cref="ForkAsync"/>; null when there was none.</summary>
    public ReadOnlyMemory<byte>? ForkPlan => Table.TryGet(ForkKey, out ReadOnlyMemory<byte> plan) ? plan : default(ReadOnlyMemory<byte>?);

    /// <summary>The boots that are kept (the last 1000), oldest first, this one included.</summary>
    public IReadOnlyList<BootRecord> Boots
    {
        get
        {
            var boots = new List<BootRecord>();
            foreach ((string key, ReadOnlyMemory<byte> value) in Table.Snapshot())
            {
                if (!key.StartsWith(BootPrefix, StringComparison.Ordinal) || !int.TryParse(key.AsSpan(BootPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)) continue;
                if (BootRecord.TryParse(epoch, value) is { } boot) boots.Add(boot); // else not ours: an unknown boot is handled, a wrong one would not be
            }
            boots.Sort(static (a, b) => a.Epoch.CompareTo(b.Epoch));
            return boots;
        }
    }

    /// <summary>First offset a boot could give in a partition; -1 when that boot is not kept any more, or the record says nothing so far back.</summary>
    public long StartOffset(Partition partition, Guid bootId)
    {
        string name = PartitionKey(partition);
        long start = -1;
        foreach (BootRecord boot in Boots)
        {
            if (boot.Starts.TryGetValue(name, out long offset)) start = offset;
            if (boot.BootId == bootId) return start;
        }
        return -1;
    }

    /// <summary>Goes on under a new log id: its offsets are others' than the parents'. All of it durable at once; the same call again changes nothing and is Ok.</summary>
    /// <param name="newLogId">8 hex digits, lower case, made with <see cref="NewLogId"/>; or the present one, to note other parents.</param>
    /// <param name="parents">Logs it descends from, newest first.</param>
    /// <param name="plan">Where each partition goes on; opaque here, given back by <see cref="ForkPlan"/>.</param>
    /// <param name="minEpoch">Epochs below are not used any more: one above the highest the centre knows.</param>
    /// <exception cref="ArgumentException">The id is not 8 hex digits, or is one of the parents.</exception>
    public Task<CommitOutcome> ForkAsync(string newLogId, IReadOnlyList<string> parents, ReadOnlyMemory<byte> plan = default, int minEpoch = 0)
    {
        if (newLogId.Length != 8 || !newLogId.All(char.IsAsciiHexDigitLower)) throw new ArgumentException($"Log id '{newLogId}' is not 8 lower-case hex digits.", nameof(newLogId));
        if (parents.Contains(newLogId)) throw new ArgumentException($"Log id '{newLogId}' was used by this journal before.", nameof(newLogId));
        var fork = new ForkItem(_journal, Table, newLogId, string.Join(',', parents), plan, minEpoch);
        _journal.Submit(fork);
        return fork.Completion;
    }

    /// <summary>A fresh log id.</summary>
    public static string NewLogId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    internal static string PartitionKey(Partition partition) => string.Create(CultureInfo.InvariantCulture, $"{partition.Topic.Name}/{partition.Index}");

    private KeyedTable Table => _journal.GetTable(Journal.BootsTable);

    /// <summary>One item: parents, plan and new id are there together or not at all.</summary>
    private sealed class ForkItem(Journal journal, KeyedTable table, string newLogId, string parents, ReadOnlyMemory<byte> plan, int minEpoch) : CommitItem
    {
        private readonly TaskCompletionSource<CommitOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<CommitOutcome> Completion => _completion.Task;
        public override int SizeBytes => 1024 + parents.Length + plan.Length;
        public override int MaxBatches => 4;
        public override bool UsesReserve => true;

        public override void Write(ICommitWriter writer)
        {
            journal.RaiseEpoch(minEpoch);
            writer.Put(table, Encoding.UTF8.GetBytes(ParentsKey), Encoding.UTF8.GetBytes(parents));
            writer.Put(table, Encoding.UTF8.GetBytes(ForkKey), plan);
            writer.Put(table, Encoding.UTF8.GetBytes(LogKey), Encoding.UTF8.GetBytes(newLogId));
        }

        public override void Complete(CommitOutcome outcome) => _completion.TrySetResult(outcome);
    }
}
