// Public surface of Edge.Ingest as it will be. Bodies come; signatures stand.
#pragma warning disable
using System.Buffers;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Ingest
{
    public enum IngestStatus : byte { Ok, TooLarge, Busy /* admission control: try again when there is room */, LogFull, Fenced, InvalidTopic }

    /// <summary>A reading of the slow paths (HTTP, hardware, command line): mapped by the caller to topic and key.</summary>
    public sealed record IngestRecord
    {
        public required string Topic { get; init; }
        public byte[]? Key { get; init; }
        public byte[]? Value { get; init; }
        public IReadOnlyList<RecordHeader> Headers { get; init; } = [];
        public long? TimestampMs { get; init; }      // null = now; the future is clamped, original kept in edge.time
        public string Source { get; init; } = "";    // names the source: the sticky partition of records without a key
    }
    public readonly record struct IngestResult(IngestStatus Status, string Topic, int Partition, long Offset);

    /// <summary>Called on the journal's writer thread after a commit; must be quick and must not block.</summary>
    public interface ICommitListener { void OnCommitted(long group, CommitOutcome outcome); }

    /// <summary>The only door into the journal.</summary>
    public sealed class IngestPipeline : IAsyncDisposable
    {
        public IngestPipeline(Journal journal, IngestOptions options) => throw null!;

        /// <summary>Hot path. Holds the gather lock until disposed: no await, no slow work inside. Groups commit in order; group numbers rise by one.</summary>
        public Gather EnterGather() => throw null!;
        public readonly ref struct Gather
        {
            /// <summary>Number of the group that records added now belong to (may change between two calls of TryAdd: a full group is closed and the next begins).</summary>
            public long Group => throw null!;
            /// <summary>Adds one record to the open batch of its partition. Copies. Nothing is added unless Ok.</summary>
            public IngestStatus TryAdd(Partition partition, long timestampMs, bool hasKey, ReadOnlySpan<byte> key, in ReadOnlySequence<byte> value, int headerCount, ReadOnlySpan<byte> encodedHeaders) => throw null!;
            public IngestStatus TryAdd(Partition partition, long timestampMs, bool hasKey, ReadOnlySpan<byte> key, bool hasValue, ReadOnlySpan<byte> value, int headerCount, ReadOnlySpan<byte> encodedHeaders) => throw null!;
            /// <summary>The listener is told once when the current group is durable or failed. Register once per group (remember Group).</summary>
            public void Notify(ICommitListener listener) => throw null!;
            /// <summary>Sets a key of an internal table atomically with the current group.</summary>
            public void Put(KeyedTable table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value) => throw null!;
            public void Dispose() { }
        }
        /// <summary>Highest group number that is durable.</summary>
        public long DurableGroup => throw null!;
        /// <summary>Completes when admission control has room again (after Busy).</summary>
        public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => throw null!;

        /// <summary>Slow path: one reading, durable when it completes. Creates the topic when allowed.</summary>
        public ValueTask<IngestResult> SubmitAsync(IngestRecord record, CancellationToken cancellationToken) => throw null!;

        /// <summary>Kafka produce: one ready-made batch whose checksum, count and size the caller checked. Waits for room, then until durable.</summary>
        public ValueTask<AppendResult> AppendBatchAsync(Partition partition, Memory<byte> batch, CancellationToken cancellationToken) => throw null!;

        /// <summary>Topic of that name, created with the defaults when missing and allowed; null when the name is not valid or creation is not allowed.</summary>
        public ValueTask<Topic?> GetOrCreateTopicAsync(string name, CancellationToken cancellationToken) => throw null!;

        public long InFlightBytes => throw null!;
        public Journal Journal => throw null!;
        public IngestOptions Options => throw null!;
        public ValueTask DisposeAsync() => default;
    }

    public sealed record IngestOptions
    {
        public int MaxInFlightBytes { get; set; } = 32 << 20;
        public int MaxRecordBytes { get; set; } = 896 << 10;
        public bool AutoCreateTopics { get; set; } = true;
        public int DefaultPartitions { get; set; } = 4;
        public TopicConfig TopicDefaults { get; set; } = new();
    }
}
