using Edge.Log.Topics;

namespace Edge.Log.Commit;

/// <summary>Handed to <see cref="CommitItem.Write"/>; valid during that call only.</summary>
public interface ICommitWriter
{
    /// <summary>Appends one RecordBatch v2 whose checksum is right. Stamps base offset and leader epoch into <paramref name="batch"/> and copies it.</summary>
    /// <param name="baseOffset">Offset given to the first record; on <see cref="AppendStatus.Duplicate"/> the original one, else -1.</param>
    AppendStatus Append(Partition partition, Span<byte> batch, out long baseOffset);

    /// <summary>From here on that producer's transactional batches are accepted in the partition. Also after a restart, for every transaction that is still open.</summary>
    void OpenTransaction(Partition partition, long producerId, short producerEpoch);

    /// <summary>Appends the marker that ends the producer's transaction in the partition; later batches of it are refused.</summary>
    /// <param name="producerEpoch">Above the producer's own when it is fenced by this.</param>
    AppendStatus CloseTransaction(Partition partition, long producerId, short producerEpoch, bool isCommit);

    /// <summary>Sets one key of an internal table; null removes it. Readers of the table see it once the item is durable.</summary>
    void Put(KeyedTable table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value);
}
