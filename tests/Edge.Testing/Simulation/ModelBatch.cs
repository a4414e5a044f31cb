using Edge.Log.Records;

namespace Edge.Testing.Simulation;

/// <summary>One batch given to the journal and the offset it got.</summary>
public sealed class ModelBatch(string topic, int partition, byte[] bytes)
{
    public string Topic => topic;
    public int Partition => partition;
    public byte[] Bytes => bytes;
    public RecordBatchHeader Header { get; } = RecordBatchHeader.Parse(bytes);

    /// <summary>-1 until written.</summary>
    public long BaseOffset { get; set; } = -1;
    public long EndOffset => BaseOffset + Header.LastOffsetDelta + 1;

    /// <summary>True when the stored bytes are these, but for what a broker stamps (offset and epoch).</summary>
    public bool Matches(ReadOnlySpan<byte> stored) =>
        stored.Length == bytes.Length && stored[RecordBatchHeader.MagicAt..].SequenceEqual(bytes.AsSpan(RecordBatchHeader.MagicAt))
        && stored.Slice(RecordBatchHeader.LengthAt, 4).SequenceEqual(bytes.AsSpan(RecordBatchHeader.LengthAt, 4));
}
