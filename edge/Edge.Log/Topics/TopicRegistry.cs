using System.Collections.Concurrent;
using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.State;

namespace Edge.Log.Topics;

/// <summary>All topics. Their truth is the internal table <c>__topics</c>; a change is seen here once it is durable.</summary>
public sealed class TopicRegistry
{
    public const int MaxPartitionsOfTopic = 1000, MaxPartitions = 10_000, MaxNameLength = 249;

    private readonly Journal _journal;
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Topic> _byId = new();
    private Task _lastChange = Task.CompletedTask;
    private readonly Lock _lock = new();
    private readonly HashSet<KeyedTable> _unregistered = [];
    private int _nextPartitionId = 2;

    internal TopicRegistry(Journal journal) => _journal = journal;

    /// <summary>Created, altered, deleted; raised after it is durable, on the thread pool.</summary>
    public event Action<Topic>? Changed;

    /// <summary>All topics now, internal ones included.</summary>
    public IReadOnlyCollection<Topic> All => [.. _byName.Values];

    /// <summary>Kafka's rule: 1 to 249 of <c>[a-zA-Z0-9._-]</c>, and neither <c>.</c> nor <c>..</c>.</summary>
    public static bool IsValidName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name is not ("." or "..") && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    public bool TryGet(string name, out Topic topic) => _byName.TryGetValue(name, out topic!);

    public bool TryGet(Guid id, out Topic topic) => _byId.TryGetValue(id, out topic!);

    /// <summary>Creates a topic; durable when it completes. A topic made again after its deletion goes on at its old end offsets.</summary>
    public Task<TopicChange> CreateAsync(string name, int partitions, TopicConfig config)
    {
        if (!IsValidName(name)) return Refuse(TopicChangeStatus.InvalidName, $"Topic name '{name}' is not allowed; use 1 to {MaxNameLength} of a-z, A-Z, 0-9, '.', '_', '-'.");
        if (name.StartsWith("__", StringComparison.Ordinal)) return Refuse(TopicChangeStatus.InvalidName, $"Topic name '{name}' is not allowed; '__' begins internal topics.");
        if (partitions is < 1 or > MaxPartitionsOfTopic) return Refuse(TopicChangeStatus.InvalidPartitions, $"{partitions} partitions are not allowed; use 1 to {MaxPartitionsOfTopic}.");
        if (ProblemOf(config) is { } problem) return Refuse(TopicChangeStatus.InvalidConfig, problem);
        return ChangeAsync(name, (existing, former) =>
        {
            if (existing is not null) return (TopicChangeStatus.AlreadyExists, $"Topic '{name}' exists.", null);
            if (PartitionCount + partitions > MaxPartitions) return (TopicChangeStatus.LimitReached, $"{MaxPartitions} partitions is the limit of one appliance.", null);
            int first = TakePartitionIds(partitions);
            int[] ids = [.. Enumerable.Range(first, partitions)];
            long[] starts = [.. ids.Select((_, i) => former is not null && i < former.StartOffsets.Length ? former.StartOffsets[i] : 0)];
            return (TopicChangeStatus.Ok, null, new TopicEntry(Guid.NewGuid(), ids, starts, config, IsDeleted: false));
        }, null, partitions);
    }

    /// <summary>Deletes a topic; its records are gone for readers when it completes, their space when retention removes their segments.</summary>
    /// <param name="force">Delete also what some forwarder still wants; gap records tell the centre.</param>
    public Task<TopicChange> DeleteAsync(string name, bool force = false)
    {
        List<(Partition Partition, long From)> unsent = [];
        return ChangeAsync(name, (existing, former) =>
        {
            if (existing is null || existing.IsInternal) return (TopicChangeStatus.NotFound, $"There is no topic '{name}'.", null);
            foreach (Partition partition in existing.Partitions)
                if (Math.Max(partition.RetentionFloor, partition.LogStartOffset) < partition.LogEndOffset) unsent.Add((partition, Math.Max(partition.RetentionFloor, partition.LogStartOffset)));
            if (unsent.Count > 0 && !force)
                return (TopicChangeStatus.NotForwarded, $"Topic '{name}' has records that were not forwarded yet, in {unsent.Count} of its partitions; delete it with force to lose them.", null);
            existing.IsDeleted = true; // on the writer thread: no later append gets an offset that the next topic of this name would use again
            return (TopicChangeStatus.Ok, null, former! with { IsDeleted = true, StartOffsets = [.. existing.Partitions.Select(p => p.LogEndOffset)] });
        }, writer =>
        {
            foreach ((Partition partition, long from) in unsent) _journal.Gaps.Add(writer, partition, from, partition.LogEndOffset, GapReason.Deleted);
        });
    }

    public Task<TopicChange> AddPartitionsAsync(string name, int totalPartitions) => ChangeAsync(name, (existing, former) =>
    {
        if (existing is null || existing.IsInternal) return (TopicChangeStatus.NotFound, $"There is no topic '{name}'.", null);
        int more = totalPartitions - former!.PartitionIds.Length;
        if (more < 1 || totalPartitions > MaxPartitionsOfTopic)
            return (TopicChangeStatus.InvalidPartitions, $"Topic '{name}' has {former.PartitionIds.Length} partitions; use more, up to {MaxPartitionsOfTopic}.", null);
        if (PartitionCount + more > MaxPartitions) return (TopicChangeStatus.LimitReached, $"{MaxPartitions} partitions is the limit of one appliance.", null);
        int first = TakePartitionIds(more);
        return (TopicChangeStatus.Ok, null, former with
        {
            PartitionIds = [.. former.PartitionIds, .. Enumerable.Range(first, more)],
            StartOffsets = [.. former.StartOffsets, .. new long[more]],
        });
    }, null, totalPartitions);

    public Task<TopicChange> AlterAsync(string name, TopicConfig config)
    {
        if (ProblemOf(config) is { } problem) return Refuse(TopicChangeStatus.InvalidConfig, problem);
        return ChangeAsync(name, (existing, former) => existing is null || existing.IsInternal
            ? (TopicChangeStatus.NotFound, $"There is no topic '{name}'.", null)
            : (TopicChangeStatus.Ok, null, former! with { Config = config }));
    }

    /// <summary>Null when the settings are possible in this version, else a sentence.</summary>
    public static string? ProblemOf(TopicConfig config)
    {
        if (config.RetentionMs < -1) return $"retention.ms is {config.RetentionMs}; use -1 (for ever) or more.";
        if (config.RetentionBytes < -1) return $"retention.bytes is {config.RetentionBytes}; use -1 (no limit) or more.";
        if (config.CleanupPolicy != CleanupPolicy.Delete) return "cleanup.policy: this version offers 'delete' only.";
        return config.Full > FullPolicy.DropOldest ? $"full is {(int)config.Full}; use reject or drop-oldest." : null;
    }

    private int PartitionCount => _byName.Values.Sum(t => t.Partitions.Count);

    internal KeyedTable MakeTable(string name)
    {
        lock (_lock)
        {
            if (_byName.ContainsKey(name)) return _journal.GetTable(name);
            KeyedTable table = AddTable(name, Guid.NewGuid(), TakePartitionIds(1));
            _unregistered.Add(table);
            return table;
        }
    }

    internal KeyedTable AddTable(string name, Guid id, int partitionId)
    {
        var topic = new Topic(name, id, new TopicConfig { CleanupPolicy = CleanupPolicy.Compact, RetentionMs = -1 });
        var partition = new Partition(_journal, topic, 0, partitionId, 0);
        topic.SetPartitions([partition]);
        _journal.AddPartition(partition);
        var table = new KeyedTable(_journal, partition);
        _journal.AddTable(table);
        _byName[name] = topic;
        _byId[id] = topic;
        return table;
    }

    /// <summary>The entry that must go ahead of a table's first value; null when the journal has it.</summary>
    internal byte[]? TakeRegistration(KeyedTable table)
    {
        lock (_lock)
        {
            if (!_unregistered.Remove(table)) return null;
            return new TopicEntry(table.Partition.Topic.Id, [table.Partition.Id], [0], table.Partition.Topic.Config, IsDeleted: false).ToBytes();
        }
    }

    /// <summary>Brings the registry to what a durable entry says. Called in journal order, by recovery and by the writer.</summary>
    internal void Apply(string name, ReadOnlyMemory<byte>? value)
    {
        if (value is not { } bytes) return;
        TopicEntry entry = TopicEntry.Parse(bytes);
        lock (_lock) _nextPartitionId = Math.Max(_nextPartitionId, entry.PartitionIds.Max() + 1);
        _byName.TryGetValue(name, out Topic? topic);
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            if (topic is null) AddTable(name, entry.Id, entry.PartitionIds[0]);
            return;
        }
        if (topic is not null && (entry.IsDeleted || topic.Id != entry.Id))
        {
            topic.IsDeleted = true;
            _byName.TryRemove(name, out _);
            _byId.TryRemove(topic.Id, out _);
            Raise(topic);
            topic = null;
        }
        if (entry.IsDeleted) return;
        topic ??= new Topic(name, entry.Id, entry.Config);
        topic.Config = entry.Config;
        var partitions = new Partition[entry.PartitionIds.Length];
        for (int i = 0; i < partitions.Length; i++)
        {
            if (i < topic.Partitions.Count)
            {
                partitions[i] = topic.Partitions[i];
                continue;
            }
            partitions[i] = new Partition(_journal, topic, i, entry.PartitionIds[i], entry.StartOffsets[i]);
            _journal.AddPartition(partitions[i]);
        }
        topic.SetPartitions(partitions);
        _byId[topic.Id] = topic;
        _byName[name] = topic;
        Raise(topic);
    }

    private static Task<TopicChange> Refuse(TopicChangeStatus status, string reason) => Task.FromResult(new TopicChange(status, null, reason));

    private int TakePartitionIds(int count)
    {
        lock (_lock)
        {
            int first = _nextPartitionId;
            _nextPartitionId += count;
            return first;
        }
    }

    private void Raise(Topic topic)
    {
        if (Changed is { } changed) ThreadPool.UnsafeQueueUserWorkItem(static s => s.changed(s.topic), (changed, topic), preferLocal: false);
    }

    /// <summary>One change at a time: each is decided on what the one before it left.</summary>
    private Task<TopicChange> ChangeAsync(
        string name, Func<Topic?, TopicEntry?, (TopicChangeStatus Status, string? Reason, TopicEntry? Entry)> decide, Action<ICommitWriter>? andAlso = null, int partitions = 0)
    {
        lock (_lock)
        {
            Task<TopicChange> change = AfterAsync(_lastChange, name, decide, andAlso, partitions);
            _lastChange = change;
            return change;
        }
    }

    private async Task<TopicChange> AfterAsync(
        Task before, string name, Func<Topic?, TopicEntry?, (TopicChangeStatus Status, string? Reason, TopicEntry? Entry)> decide, Action<ICommitWriter>? andAlso, int partitions)
    {
        await before.ConfigureAwait(false);
        KeyedTable table = _journal.GetTable(Journal.TopicsTable);
        int perPartitionBytes = 40 + (andAlso is null ? 0 : GapTable.BytesPerGap);
        // An entry with large numbers, and per partition a gap record where a deletion writes them.
        int bytes() => 2000 + (perPartitionBytes * Math.Max(partitions, _byName.TryGetValue(name, out Topic? there) ? there.Partitions.Count : 0));
        var item = new TopicChangeItem(table, name, bytes, () =>
        {
            _byName.TryGetValue(name, out Topic? existing);
            return decide(existing, table.TryGet(name, out ReadOnlyMemory<byte> former) ? TopicEntry.Parse(former) : null);
        }, andAlso);
        _journal.Submit(item);
        TopicChange change = await item.Completion.ConfigureAwait(false);
        return change with { Topic = _byName.GetValueOrDefault(name) };
    }
}
