using System.Buffers;
using Edge.Log.Records;
using Edge.Log.State;
using Edge.Log.Transactions;

namespace Edge.Log.Topics;

/// <summary>Logical view of the journal: the frames of one (topic, partition), with ascending 64-bit offsets that may have holes.</summary>
/// <remarks><c>LogStartOffset &lt;= HighWatermark &lt;= LogEndOffset</c>. Reading is thread-safe and never blocks an append.</remarks>
public sealed partial class Partition
{
    private readonly Journal _journal;
    private long _logStartOffset, _highWatermark, _logEndOffset, _retentionFloor = long.MaxValue;

    internal Partition(Journal journal, Topic topic, int index, int id, long startOffset)
    {
        _journal = journal;
        Topic = topic;
        Index = index;
        Id = id;
        _logStartOffset = _highWatermark = _logEndOffset = startOffset;
    }

    public Topic Topic { get; }

    /// <summary>0-based within the topic.</summary>
    public int Index { get; }

    /// <summary>Journal-wide number of the partition, as frame headers hold it. Never used twice.</summary>
    public int Id { get; }

    /// <summary>First offset that may still be read.</summary>
    public long LogStartOffset { get => Volatile.Read(ref _logStartOffset); internal set => Volatile.Write(ref _logStartOffset, value); }

    /// <summary>Durable end, exclusive: the only thing consumers see.</summary>
    public long HighWatermark { get => Volatile.Read(ref _highWatermark); internal set => Volatile.Write(ref _highWatermark, value); }

    /// <summary>End of what was appended, exclusive, durable or not.</summary>
    public long LogEndOffset { get => Volatile.Read(ref _logEndOffset); internal set => Volatile.Write(ref _logEndOffset, value); }

    /// <summary>Where read_committed consumers end: the first record of the oldest open transaction, or the high watermark.</summary>
    public long LastStableOffset
    {
        get
        {
            long highWatermark = HighWatermark; // first: a transaction that begins in between may only lower the answer
            return Math.Min(highWatermark, Transactions.FirstUnstableOffset);
        }
    }

    /// <summary>Lowest offset that some forwarder still wants; <see cref="long.MaxValue"/> when nobody does. Retention never goes above it.</summary>
    public long RetentionFloor { get => Volatile.Read(ref _retentionFloor); set => Volatile.Write(ref _retentionFloor, value); }

    /// <summary>Last batches per producer; owned by the writer thread.</summary>
    internal ProducerStates Producers { get; set; } = new();

    /// <summary>Open and aborted transactions.</summary>
    internal PartitionTransactions Transactions { get; set; } = new();

    /// <summary>Aborted transactions that touch [from, end), ordered by first offset.</summary>
    public IReadOnlyList<AbortedTransaction> AbortedTransactions(long from, long end) => Transactions.AbortedIn(from, end);

    /// <summary>Transactions that are open now.</summary>
    public IReadOnlyList<OpenTransaction> OpenTransactions() => Transactions.Open();

    /// <summary>Producers whose last batches are remembered. Asked of the writer thread; empty when the journal is fenced.</summary>
    public Task<IReadOnlyList<ActiveProducer>> ProducersAsync()
    {
        var item = new ProducersItem(this);
        _journal.Submit(item);
        return item.Completion;
    }

    /// <summary>Bytes of stored batches from the log start on, in whole segments' shares. Walks the segments: for administration.</summary>
    public long StoredBytes => _journal.StoredBytesOf(this);

    /// <summary>Was the transaction of that batch aborted? Meaningful below <see cref="LastStableOffset"/>.</summary>
    public bool IsAborted(in RecordBatchHeader batch) => batch.IsTransactional && !batch.IsControl && Transactions.IsAborted(batch.ProducerId, batch.BaseOffset);

    /// <summary>Copies whole batches, starting with the one that contains <paramref name="from"/>, or the next one above it (offsets may have holes), up to the high watermark.</summary>
    /// <param name="from">Offset, inclusive, within [LogStartOffset, HighWatermark].</param>
    /// <param name="maxBytes">Most bytes to copy, but see <paramref name="minOneBatch"/>.</param>
    /// <param name="minOneBatch">Copy the first batch even when it alone is larger.</param>
    /// <param name="destination">Receives complete batches laid end to end.</param>
    public ReadResult Read(long from, int maxBytes, bool minOneBatch, IBufferWriter<byte> destination) =>
        _journal.ReadPartition(this, from, HighWatermark, maxBytes, minOneBatch, destination);

    /// <summary>As the other overload, up to <paramref name="end"/> (exclusive): <see cref="LastStableOffset"/> for a read_committed consumer.</summary>
    public ReadResult Read(long from, long end, int maxBytes, bool minOneBatch, IBufferWriter<byte> destination) =>
        _journal.ReadPartition(this, from, Math.Min(end, HighWatermark), maxBytes, minOneBatch, destination);

    /// <summary>First record whose timestamp is at or after <paramref name="timestampMs"/> (Unix epoch, ms). False when there is none below the high watermark.</summary>
    public bool TryFindOffset(long timestampMs, out long offset, out long foundTimestampMs) =>
        _journal.FindOffset(this, timestampMs, out offset, out foundTimestampMs);

    /// <summary>Removes every record below an offset (Kafka's DeleteRecords): readers no longer see them when it completes, retention frees their space.</summary>
    /// <param name="offset">First offset that stays, at most <see cref="HighWatermark"/>; -1 = the high watermark.</param>
    /// <param name="force">Remove also what was not forwarded yet; a gap record tells the centre.</param>
    public Task<TrimResult> TrimAsync(long offset, bool force = false)
    {
        var item = new TrimItem(_journal, this, offset, force);
        _journal.Submit(item);
        return item.Completion;
    }

    public override string ToString() => $"{Topic.Name}-{Index}";
}
