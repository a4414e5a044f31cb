using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Log.Topics;

namespace Edge.Kafka.Transactions;

internal sealed partial class TransactionCoordinator
{
    /// <summary>Adds partitions to the producer's transaction and begins one when none is open. The partitions exist.</summary>
    public Task<ErrorCode> AddPartitionsAsync(string id, long producerId, short epoch, IReadOnlyList<TopicPartition> partitions) => StepAsync(id, producerId, epoch, async (entry, current) =>
    {
        List<TopicPartition> added = [.. partitions.Where(p => !current.Partitions.Contains(p)).Distinct()];
        if (added.Count == 0 && current.State == TransactionState.Ongoing) return ErrorCode.None;
        TransactionMetadata next = Opened(current) with { Partitions = [.. current.Partitions, .. added] };
        List<Partition> open = Resolve(added);
        if (open.Count < added.Count) return ErrorCode.UnknownTopicOrPartition;
        if (next.ToBytes().Length > MaxStateBytes) return ErrorCode.PolicyViolation;
        return await ChangeAsync(entry, next, open).ConfigureAwait(false) ? ErrorCode.None : ErrorCode.CoordinatorNotAvailable;
    });

    /// <summary>Allows the transaction to commit offsets of that group.</summary>
    public Task<ErrorCode> AddGroupAsync(string id, long producerId, short epoch, string group) => StepAsync(id, producerId, epoch, async (entry, current) =>
    {
        if (current.State == TransactionState.Ongoing && current.Groups.Contains(group)) return ErrorCode.None;
        TransactionMetadata next = Opened(current) with { Groups = [.. current.Groups, group] };
        if (next.ToBytes().Length > MaxStateBytes) return ErrorCode.PolicyViolation;
        return await ChangeAsync(entry, next, []).ConfigureAwait(false) ? ErrorCode.None : ErrorCode.CoordinatorNotAvailable;
    });

    /// <summary>Keeps offsets that become the group's when the transaction commits.</summary>
    public Task<ErrorCode> AddOffsetsAsync(string id, long producerId, short epoch, string group, IReadOnlyList<PendingOffset> offsets) => StepAsync(id, producerId, epoch, async (entry, current) =>
    {
        if (current.State != TransactionState.Ongoing || !current.Groups.Contains(group)) return ErrorCode.InvalidTxnState;
        if (offsets.Count == 0) return ErrorCode.None;
        var all = new Dictionary<OffsetKey, PendingOffset>();
        foreach (PendingOffset pending in current.Offsets.Concat(offsets)) all[pending.Key] = pending;
        TransactionMetadata next = current with { Offsets = [.. all.Values], UpdatedMs = NowMs };
        if (next.ToBytes().Length > MaxStateBytes) return ErrorCode.InvalidCommitOffsetSize;
        return await ChangeAsync(entry, next, []).ConfigureAwait(false) ? ErrorCode.None : ErrorCode.CoordinatorNotAvailable;
    });

    /// <summary>Commits or aborts. Asked again after its answer was lost, it says so again.</summary>
    public Task<ErrorCode> EndAsync(string id, long producerId, short epoch, bool isCommit) => StepAsync(id, producerId, epoch, async (entry, current) =>
    {
        TransactionState ended = isCommit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort;
        if (current.State == ended) return ErrorCode.None;
        if (current.State != TransactionState.Ongoing) return ErrorCode.InvalidTxnState;
        return await EndAsync(entry, current, current.Ended(ended, NowMs), isCommit, current.Epoch).ConfigureAwait(false) ? ErrorCode.None : ErrorCode.CoordinatorNotAvailable;
    });

    private TransactionMetadata Opened(TransactionMetadata current) => current.State == TransactionState.Ongoing
        ? current with { UpdatedMs = NowMs }
        : current with { State = TransactionState.Ongoing, StartedMs = NowMs, UpdatedMs = NowMs };

    /// <summary>Does one step of the holder of that id, alone.</summary>
    private async Task<ErrorCode> StepAsync(string id, long producerId, short epoch, Func<TransactionEntry, TransactionMetadata, Task<ErrorCode>> step)
    {
        if (id.Length is 0 or > MaxIdLength) return ErrorCode.InvalidRequest;
        if (!_entries.TryGetValue(id, out TransactionEntry? entry)) return ErrorCode.InvalidProducerIdMapping;
        if (!await entry.TryEnterAsync().ConfigureAwait(false)) return ErrorCode.ConcurrentTransactions;
        try
        {
            if (entry.Current is not { } current || current.ProducerId != producerId) return ErrorCode.InvalidProducerIdMapping;
            if (current.Epoch != epoch) return ErrorCode.ProducerFenced;
            return await step(entry, current).ConfigureAwait(false);
        }
        finally
        {
            entry.Leave();
        }
    }
}
