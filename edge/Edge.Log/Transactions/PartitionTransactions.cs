using Edge.Log.Commit;
using Edge.Log.Records;

namespace Edge.Log.Transactions;

/// <summary>Transactions of one partition: who may write, what is open, what was aborted.</summary>
/// <remarks>
/// Two views. The writer's: producers whose transaction includes the partition, changed while commit items are written; an append of anyone else's transaction is
/// refused, so that nothing can be left open behind a marker. The readers': open and aborted transactions, changed only by durable frames, rebuilt at recovery and saved
/// with the state snapshot. The writer's view is not saved: the transaction coordinator opens its transactions again after a restart.
/// </remarks>
internal sealed class PartitionTransactions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, short> _admitted = [];
    private readonly Dictionary<long, OpenTransaction> _open = []; // by producer id
    private readonly List<AbortedTransaction> _aborted = []; // in order of their markers
    private long _firstUnstable = long.MaxValue;

    /// <summary>Lowest offset of an open transaction; <see cref="long.MaxValue"/> when none is open. Read it after the high watermark, never before.</summary>
    public long FirstUnstableOffset => Volatile.Read(ref _firstUnstable);

    /// <summary>On the writer thread: that producer may append until <see cref="Revoke"/>.</summary>
    public void Admit(long producerId, short epoch) => _admitted[producerId] = epoch;

    public void Revoke(long producerId) => _admitted.Remove(producerId);

    /// <summary>May this batch of a producer be appended? A transactional one only inside its transaction, another one only outside.</summary>
    public AppendStatus Check(in RecordBatchHeader batch)
    {
        if (!_admitted.TryGetValue(batch.ProducerId, out short epoch)) return batch.IsTransactional ? AppendStatus.InvalidTransaction : AppendStatus.Ok;
        if (batch.ProducerEpoch < epoch) return AppendStatus.InvalidProducerEpoch;
        return batch.IsTransactional && batch.ProducerEpoch == epoch ? AppendStatus.Ok : AppendStatus.InvalidTransaction;
    }

    /// <summary>Takes one durable batch of a transaction. Before the high watermark moves over it: nobody may see it as committed in between.</summary>
    public void Apply(in RecordBatchHeader header, ReadOnlySpan<byte> batch)
    {
        lock (_lock)
        {
            if (!header.IsControl)
            {
                if (!_open.TryAdd(header.ProducerId, new OpenTransaction(header.ProducerId, header.ProducerEpoch, header.BaseOffset))) return;
            }
            else
            {
                if (!ControlBatch.TryRead(batch, out bool isCommit) || !_open.Remove(header.ProducerId, out OpenTransaction ended)) return;
                if (!isCommit) _aborted.Add(new AbortedTransaction(header.ProducerId, ended.FirstOffset, header.LastOffset));
            }
            Volatile.Write(ref _firstUnstable, LowestOpen());
        }
    }

    /// <summary>Aborted transactions that touch [from, end), by first offset.</summary>
    public List<AbortedTransaction> AbortedIn(long from, long end)
    {
        var found = new List<AbortedTransaction>();
        lock (_lock)
        {
            for (int i = FirstEndingAtOrAfter(from); i < _aborted.Count; i++)
                if (_aborted[i].FirstOffset < end) found.Add(_aborted[i]);
        }
        found.Sort(static (a, b) => a.FirstOffset.CompareTo(b.FirstOffset));
        return found;
    }

    public bool IsAborted(long producerId, long offset)
    {
        lock (_lock)
        {
            for (int i = FirstEndingAtOrAfter(offset); i < _aborted.Count; i++)
                if (_aborted[i].ProducerId == producerId && _aborted[i].FirstOffset <= offset) return true;
            return false;
        }
    }

    /// <summary>Open transactions of the readers' view.</summary>
    public List<OpenTransaction> Open()
    {
        lock (_lock) return [.. _open.Values];
    }

    /// <summary>Writes the readers' view; what lies below the log start is left out.</summary>
    public void Save(BinaryWriter writer, long logStartOffset)
    {
        lock (_lock)
        {
            writer.Write(_open.Count);
            foreach (OpenTransaction open in _open.Values)
            {
                writer.Write(open.ProducerId);
                writer.Write(open.ProducerEpoch);
                writer.Write(open.FirstOffset);
            }
            _aborted.RemoveRange(0, FirstEndingAtOrAfter(logStartOffset));
            writer.Write(_aborted.Count);
            foreach (AbortedTransaction aborted in _aborted)
            {
                writer.Write(aborted.ProducerId);
                writer.Write(aborted.FirstOffset);
                writer.Write(aborted.LastOffset);
            }
        }
    }

    public static PartitionTransactions Load(BinaryReader reader)
    {
        var transactions = new PartitionTransactions();
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            var open = new OpenTransaction(reader.ReadInt64(), reader.ReadInt16(), reader.ReadInt64());
            transactions._open.Add(open.ProducerId, open);
        }
        for (int count = reader.ReadInt32(); count > 0; count--)
            transactions._aborted.Add(new AbortedTransaction(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()));
        transactions._firstUnstable = transactions.LowestOpen();
        return transactions;
    }

    private long LowestOpen() => _open.Count == 0 ? long.MaxValue : _open.Values.Min(static open => open.FirstOffset);

    /// <summary>Markers ascend, so the list is ordered by last offset.</summary>
    private int FirstEndingAtOrAfter(long offset)
    {
        int low = 0, high = _aborted.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_aborted[middle].LastOffset < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
