using System.Collections.Concurrent;
using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Topics;
using Edge.Log.Transactions;
using Microsoft.Extensions.Logging;

namespace Edge.Kafka.Transactions;

/// <summary>Transactions of this node: ids and epochs, which partitions and groups belong to the open transaction, its end, its time-out.</summary>
/// <remarks>
/// Every step is one commit group of the journal (<see cref="TransactionCommit"/>) and is answered when it is durable; so a kill at any moment leaves a transaction
/// wholly open, committed or aborted. Open transactions accept a producer's batches by the journal's own check, so nothing can be written behind a marker. Source: Kafka's
/// TransactionCoordinator and TransactionMetadata (KIP-98, KIP-360).
/// </remarks>
internal sealed partial class TransactionCoordinator(Journal journal, KafkaOptions options, TimeProvider timeProvider, ProducerIdAllocator producerIds, KafkaStatistics statistics, ILogger logger)
    : IDisposable
{
    internal const string TableName = "__transactions";
    internal const int MaxIdLength = 1024;
    private readonly ConcurrentDictionary<string, TransactionEntry> _entries = new(StringComparer.Ordinal);
    private readonly Lazy<KeyedTable> _table = new(() => journal.GetTable(TableName));
    private readonly Lazy<KeyedTable> _offsets = new(() => journal.GetTable("__consumer_offsets"));
    private int _isExpiring;

    public IEnumerable<TransactionEntry> Entries => _entries.Values;

    /// <summary>Most bytes one id's state may take: it must fit in one batch.</summary>
    private int MaxStateBytes => Math.Min(512 << 10, journal.Options.MaxBatchBytes / 2);

    private long NowMs => timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes over what the journal holds, before the first connection.</summary>
    public async Task RestoreAsync()
    {
        var open = new List<(Partition Partition, long ProducerId, short Epoch)>();
        foreach ((string id, ReadOnlyMemory<byte> value) in _table.Value.Snapshot())
        {
            if (!TransactionMetadata.TryParse(value, out TransactionMetadata metadata))
            {
                KafkaLog.TransactionUnreadable(logger, id);
                continue;
            }
            _entries[id] = new TransactionEntry(id) { Current = metadata, StartedAt = timeProvider.GetTimestamp() };
            foreach (Partition partition in Resolve(metadata.Partitions)) open.Add((partition, metadata.ProducerId, metadata.Epoch));
        }
        var known = open.Select(o => (o.Partition.Id, o.ProducerId)).ToHashSet();
        var hanging = new List<(Partition Partition, long ProducerId, short Epoch)>();
        foreach (Partition partition in journal.Topics.All.SelectMany(t => t.Partitions))
        {
            foreach (OpenTransaction transaction in partition.OpenTransactions())
            {
                if (known.Contains((partition.Id, transaction.ProducerId))) continue;
                // Its transactional id is gone: no one will ever end it, and read_committed consumers would wait for ever.
                hanging.Add((partition, transaction.ProducerId, transaction.ProducerEpoch));
                KafkaLog.TransactionHanging(logger, partition.ToString(), transaction.ProducerId, transaction.FirstOffset);
            }
        }
        if (open.Count + hanging.Count == 0) return;
        var item = new ReopenTransactions(open, hanging);
        journal.Submit(item);
        await item.Done.ConfigureAwait(false);
    }

    public bool TryGet(string id, out TransactionMetadata metadata)
    {
        metadata = null!;
        if (!_entries.TryGetValue(id, out TransactionEntry? entry) || entry.Current is not { } current) return false;
        metadata = current;
        return true;
    }

    /// <summary>Has an open transaction an offset of that group and partition which is not committed yet?</summary>
    public bool HasPendingOffset(in OffsetKey key)
    {
        foreach (TransactionEntry entry in _entries.Values)
        {
            if (entry.Current is not { State: TransactionState.Ongoing, Offsets.Count: > 0 } current) continue;
            foreach (PendingOffset pending in current.Offsets)
                if (pending.Key == key) return true;
        }
        return false;
    }

    /// <summary>Aborts transactions that are open for longer than their producer asked for, and fences the producer. Called every second.</summary>
    public async Task ExpireAsync()
    {
        if (Interlocked.Exchange(ref _isExpiring, 1) != 0) return;
        try
        {
            foreach (TransactionEntry entry in _entries.Values)
            {
                if (!IsOverdue(entry) || !entry.TryEnterNow()) continue;
                try
                {
                    if (!IsOverdue(entry) || entry.Current is not { } current) continue;
                    KafkaLog.TransactionTimedOut(logger, entry.Id, current.ProducerId, current.Epoch, current.TimeoutMs);
                    short fencing = Fencing(current.Epoch);
                    TransactionMetadata next = current.Ended(TransactionState.CompleteAbort, NowMs) with { Epoch = fencing, LastEpoch = -1, LastProducerId = -1 };
                    if (await EndAsync(entry, current, next, isCommit: false, fencing).ConfigureAwait(false)) statistics.TransactionTimedOut();
                }
                finally
                {
                    entry.Leave();
                }
            }
        }
        finally
        {
            Volatile.Write(ref _isExpiring, 0);
        }
    }

    public void Dispose()
    {
        foreach (TransactionEntry entry in _entries.Values) entry.Dispose();
    }

    private bool IsOverdue(TransactionEntry entry) =>
        entry.Current is { State: TransactionState.Ongoing } current && timeProvider.GetElapsedTime(entry.StartedAt).TotalMilliseconds > current.TimeoutMs;

    private static short Fencing(short epoch) => epoch == short.MaxValue ? epoch : (short)(epoch + 1);

    /// <summary>Markers in all partitions, offsets when it is a commit, and the new state: one commit group.</summary>
    private async Task<bool> EndAsync(TransactionEntry entry, TransactionMetadata current, TransactionMetadata next, bool isCommit, short markerEpoch)
    {
        var item = new TransactionCommit
        {
            Table = _table.Value, Id = entry.Id, State = next.ToBytes(), ProducerId = current.ProducerId, MarkerEpoch = markerEpoch, IsCommit = isCommit,
            Close = Resolve(current.Partitions), OffsetsTable = _offsets.Value, Offsets = isCommit ? OffsetsOf(current) : [],
        };
        if (!await SubmitAsync(item).ConfigureAwait(false)) return false;
        entry.Current = next;
        statistics.TransactionEnded(isCommit);
        return true;
    }

    private List<KeyValuePair<OffsetKey, CommittedOffset>> OffsetsOf(TransactionMetadata metadata)
    {
        var offsets = new List<KeyValuePair<OffsetKey, CommittedOffset>>(metadata.Offsets.Count);
        foreach (PendingOffset pending in metadata.Offsets)
        {
            if (TryResolve(new(pending.Key.Topic, pending.Key.Partition), out _)) // a deleted topic's offsets must not come back
                offsets.Add(new(pending.Key, new(pending.Offset, pending.LeaderEpoch, NowMs, pending.Metadata)));
        }
        return offsets;
    }

    /// <summary>A change without markers.</summary>
    private async Task<bool> ChangeAsync(TransactionEntry entry, TransactionMetadata next, IReadOnlyList<Partition> open)
    {
        var item = new TransactionCommit { Table = _table.Value, Id = entry.Id, State = next.ToBytes(), ProducerId = next.ProducerId, MarkerEpoch = next.Epoch, Open = open };
        if (!await SubmitAsync(item).ConfigureAwait(false)) return false;
        if (next.State == TransactionState.Ongoing && entry.Current?.State != TransactionState.Ongoing) entry.StartedAt = timeProvider.GetTimestamp();
        entry.Current = next;
        return true;
    }

    private async Task<bool> SubmitAsync(TransactionCommit item)
    {
        journal.Submit(item);
        CommitOutcome outcome = await item.Done.ConfigureAwait(false);
        return outcome.IsDurable;
    }

    private List<Partition> Resolve(IReadOnlyList<TopicPartition> partitions)
    {
        var found = new List<Partition>(partitions.Count);
        foreach (TopicPartition partition in partitions)
            if (TryResolve(partition, out Partition resolved)) found.Add(resolved); // a deleted topic needs no marker
        return found;
    }

    private bool TryResolve(in TopicPartition partition, out Partition resolved)
    {
        resolved = null!;
        if (!journal.Topics.TryGet(partition.Topic, out Topic topic) || topic.IsDeleted || (uint)partition.Index >= (uint)topic.Partitions.Count) return false;
        resolved = topic.Partitions[partition.Index];
        return true;
    }
}
