using Edge.Kafka.Protocol;

namespace Edge.Kafka.Transactions;

internal sealed partial class TransactionCoordinator
{
    /// <summary>Gives the holder of a transactional id its producer id and a new epoch; whoever held it before is fenced, its open transaction aborted.</summary>
    /// <param name="expectedProducerId">-1, or what the caller holds and wants to go on with (KIP-360).</param>
    public async Task<InitResult> InitAsync(string id, int timeoutMs, long expectedProducerId, short expectedEpoch)
    {
        if (id.Length is 0 or > MaxIdLength) return InitResult.Failed(ErrorCode.InvalidRequest);
        if (timeoutMs <= 0 || timeoutMs > options.TransactionMaxTimeout.TotalMilliseconds) return InitResult.Failed(ErrorCode.InvalidTransactionTimeout);
        if (!_entries.TryGetValue(id, out TransactionEntry? entry))
        {
            if (_entries.Count >= options.MaxTransactionalIds && !await ForgetOldestAsync().ConfigureAwait(false)) return InitResult.Failed(ErrorCode.CoordinatorNotAvailable);
            entry = _entries.GetOrAdd(id, static key => new TransactionEntry(key));
        }
        if (!await entry.TryEnterAsync().ConfigureAwait(false)) return InitResult.Failed(ErrorCode.ConcurrentTransactions);
        try
        {
            return entry.Current is { } current
                ? await TakeOverAsync(entry, current, timeoutMs, expectedProducerId, expectedEpoch).ConfigureAwait(false)
                : await BeginAsync(entry, timeoutMs).ConfigureAwait(false);
        }
        finally
        {
            entry.Leave();
        }
    }

    private async Task<InitResult> BeginAsync(TransactionEntry entry, int timeoutMs)
    {
        long producerId = await producerIds.NextAsync(CancellationToken.None).ConfigureAwait(false);
        if (producerId < 0) return InitResult.Failed(ErrorCode.CoordinatorNotAvailable);
        TransactionMetadata first = TransactionMetadata.Begin(producerId, timeoutMs, NowMs);
        return await ChangeAsync(entry, first, []).ConfigureAwait(false) ? new(ErrorCode.None, producerId, 0) : InitResult.Failed(ErrorCode.CoordinatorNotAvailable);
    }

    private async Task<InitResult> TakeOverAsync(TransactionEntry entry, TransactionMetadata current, int timeoutMs, long expectedProducerId, short expectedEpoch)
    {
        bool expects = expectedProducerId >= 0;
        if (expects && (expectedProducerId != current.ProducerId || expectedEpoch != current.Epoch))
        {
            // The answer to its last request was lost: it is given again.
            bool isRepeat = expectedProducerId == current.LastProducerId && expectedEpoch == current.LastEpoch && current.State != TransactionState.Ongoing;
            return isRepeat ? new(ErrorCode.None, current.ProducerId, current.Epoch) : InitResult.Failed(ErrorCode.ProducerFenced);
        }
        long producerId = current.ProducerId;
        short epoch = Fencing(current.Epoch), marker = epoch;
        if (epoch == short.MaxValue) // the last one fences and is never given out
        {
            producerId = await producerIds.NextAsync(CancellationToken.None).ConfigureAwait(false);
            if (producerId < 0) return InitResult.Failed(ErrorCode.CoordinatorNotAvailable);
            epoch = 0;
        }
        TransactionMetadata next = current.Ended(TransactionState.Empty, NowMs) with
        {
            ProducerId = producerId, Epoch = epoch, TimeoutMs = timeoutMs, LastProducerId = expects ? current.ProducerId : -1, LastEpoch = expects ? current.Epoch : (short)-1,
        };
        bool done = current.State == TransactionState.Ongoing
            ? await EndAsync(entry, current, next, isCommit: false, marker).ConfigureAwait(false)
            : await ChangeAsync(entry, next, []).ConfigureAwait(false);
        return done ? new(ErrorCode.None, producerId, epoch) : InitResult.Failed(ErrorCode.CoordinatorNotAvailable);
    }

    /// <summary>At the bound: the id that was not used for the longest time goes, when that is long enough. By the wall clock, so a board that was off counts.</summary>
    private async Task<bool> ForgetOldestAsync()
    {
        long before = NowMs - (long)options.TransactionalIdExpiration.TotalMilliseconds;
        TransactionEntry? oldest = _entries.Values.Where(e => e.Current is { State: not TransactionState.Ongoing } c && c.UpdatedMs < before).MinBy(e => e.Current!.UpdatedMs);
        if (oldest is null || !oldest.TryEnterNow()) return false;
        try
        {
            if (oldest.Current is not { State: not TransactionState.Ongoing } current || current.UpdatedMs >= before) return false;
            var item = new TransactionCommit { Table = _table.Value, Id = oldest.Id, State = null };
            return await SubmitAsync(item).ConfigureAwait(false) && _entries.TryRemove(oldest.Id, out _);
        }
        finally
        {
            oldest.Leave();
        }
    }
}
