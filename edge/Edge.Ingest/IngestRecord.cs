using Edge.Log.Records;

namespace Edge.Ingest;

/// <summary>A reading of the slow paths (HTTP, sensors, command line), already mapped to topic and key.</summary>
public sealed record IngestRecord
{
    public required string Topic { get; init; }
    public byte[]? Key { get; init; }

    /// <summary>Null is a tombstone.</summary>
    public byte[]? Value { get; init; }

    public IReadOnlyList<RecordHeader> Headers { get; init; } = [];

    /// <summary>Unix epoch, ms; null = now. A time in the future is clamped to now and kept in the header <c>edge.time</c>.</summary>
    public long? TimestampMs { get; init; }

    /// <summary>Names the source: gives records without a key their partition.</summary>
    public string Source { get; init; } = "";
}
