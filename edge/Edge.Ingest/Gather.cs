using System.Buffers;
using Edge.Log.Topics;

namespace Edge.Ingest;

/// <summary>The gather lock, held while a source adds records. Dispose it soon: no await and no slow work inside.</summary>
public readonly ref struct Gather
{
    private readonly IngestPipeline _pipeline;

    internal Gather(IngestPipeline pipeline) => _pipeline = pipeline;

    /// <summary>Number of the group that the last added record belongs to (before the first: that the next one would). Groups commit in order.</summary>
    public long Group => _pipeline.CurrentGroup;

    /// <summary>Adds one record to the open batch of its partition. Copies everything.</summary>
    /// <param name="timestampMs">Unix epoch, ms.</param>
    /// <param name="encodedHeaders">As <see cref="Edge.Log.Records.RecordHeaders.Encode"/> writes them; <paramref name="headerCount"/> of them.</param>
    public IngestStatus TryAdd(
        Partition partition, long timestampMs, bool hasKey, ReadOnlySpan<byte> key, in ReadOnlySequence<byte> value, int headerCount, ReadOnlySpan<byte> encodedHeaders)
    {
        if (value.IsSingleSegment) return TryAdd(partition, timestampMs, hasKey, key, true, value.FirstSpan, headerCount, encodedHeaders);
        IngestStatus status = _pipeline.Open(partition, key.Length + value.Length + encodedHeaders.Length, out OpenBatch? batch);
        if (status == IngestStatus.Ok) batch!.Builder.Add(timestampMs, hasKey, key, value, headerCount, encodedHeaders);
        return status;
    }

    /// <summary>As the other overload, for a value in one piece; <paramref name="hasValue"/> false is a tombstone.</summary>
    public IngestStatus TryAdd(
        Partition partition, long timestampMs, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, int headerCount, ReadOnlySpan<byte> encodedHeaders)
    {
        IngestStatus status = _pipeline.Open(partition, (long)key.Length + value.Length + encodedHeaders.Length, out OpenBatch? batch);
        if (status == IngestStatus.Ok) batch!.Builder.Add(timestampMs, hasKey, key, hasValue, value, headerCount, encodedHeaders);
        return status;
    }

    /// <summary>One more record of the message whose first record was just added: never refused for room, always in the same group. The caller bounds them.</summary>
    public IngestStatus TryAddNext(
        Partition partition, long timestampMs, bool hasKey, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int headerCount, ReadOnlySpan<byte> encodedHeaders)
    {
        IngestStatus status = _pipeline.Open(partition, (long)key.Length + value.Length + encodedHeaders.Length, out OpenBatch? batch, continues: true);
        if (status == IngestStatus.Ok) batch!.Builder.Add(timestampMs, hasKey, key, true, value, headerCount, encodedHeaders);
        return status;
    }

    /// <summary>The listener is told once when the group of the last added record is durable or failed. Register once per group.</summary>
    public void Notify(ICommitListener listener) => _pipeline.AddListener(listener);

    /// <summary>Sets a key of an internal table (null: removes it) atomically with the current group.</summary>
    public void Put(KeyedTable table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value) => _pipeline.AddPut(table, key, value, null);

    /// <summary>As the other overload; the value is asked for when the group closes. Call once per group and key.</summary>
    public void Put(KeyedTable table, ReadOnlyMemory<byte> key, ILateValue value) => _pipeline.AddPut(table, key, null, value);

    public void Dispose() => _pipeline.LeaveGather();
}
