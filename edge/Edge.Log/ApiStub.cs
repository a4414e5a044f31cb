// Public surface of Edge.Log as it will be. Bodies come; signatures stand.
#pragma warning disable
using System.Buffers;
using Edge.Log.Commit;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Log.Storage;
using Microsoft.Extensions.Logging;

namespace Edge.Log.Topics
{
    /// <summary>A named set of partitions. Instances live as long as the topic exists; compare by reference.</summary>
    public sealed class Topic
    {
        public string Name => throw null!;
        public Guid Id => throw null!;                       // random, never empty (Kafka topic id)
        public bool IsInternal => throw null!;               // name starts with "__"
        public bool IsDeleted => throw null!;
        public TopicConfig Config => throw null!;            // immutable snapshot, replaced on alter
        public IReadOnlyList<Partition> Partitions => throw null!;
    }

    /// <summary>Logical view (topic, partition) -> frames. LogStartOffset <= HighWatermark <= LogEndOffset.</summary>
    public sealed class Partition
    {
        public Topic Topic => throw null!;
        public int Index => throw null!;                     // 0-based within the topic
        public int Id => throw null!;                        // journal-wide number in frame headers
        public long LogStartOffset => throw null!;
        public long HighWatermark => throw null!;            // durable end, exclusive; the only thing consumers see
        public long LogEndOffset => throw null!;
        /// <summary>Lowest offset some forwarder still wants; long.MaxValue when nobody does. Retention does not go above it (floor). Thread-safe.</summary>
        public long RetentionFloor { get => throw null!; set => throw null!; }
        public long LastStableOffset => HighWatermark;

        /// <summary>Copies whole batches, starting with the one that contains <paramref name="from"/> (or the next one above it, offsets may have holes), up to the high watermark.</summary>
        /// <param name="maxBytes">Soft limit; when <paramref name="minOneBatch"/> the first batch is copied even if larger.</param>
        public ReadResult Read(long from, int maxBytes, bool minOneBatch, IBufferWriter<byte> destination) => throw null!;

        /// <summary>First offset whose timestamp >= timestampMs. False when there is none below the high watermark.</summary>
        public bool TryFindOffset(long timestampMs, out long offset, out long foundTimestampMs) => throw null!;

        /// <summary>Completes (once) when the high watermark is above <paramref name="offset"/>; at once when it already is. Cancel to drop the registration.</summary>
        public ValueTask WaitForDataAsync(long offset, CancellationToken cancellationToken) => throw null!;

        /// <summary>Calls back on the thread pool each time the high watermark moved. Dispose to stop. For long polls over many partitions.</summary>
        public IDisposable OnAdvanced(Action callback) => throw null!;
    }

    public enum ReadStatus : byte { Ok, OffsetOutOfRange, Corrupt }
    /// <param name="NextOffset">Offset to continue from.</param>
    public readonly record struct ReadResult(ReadStatus Status, int Bytes, long NextOffset);

    /// <summary>Latest value per key of an internal, compacted topic. In memory, durable in the journal.</summary>
    public sealed class KeyedTable
    {
        public string Name => throw null!;
        public int Count => throw null!;
        public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value) => throw null!;
        public bool TryGet(string key, out ReadOnlyMemory<byte> value) => throw null!;     // UTF-8 key
        public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Snapshot() => throw null!; // keys as UTF-8 text
        /// <summary>Raised after a change is durable, in commit order, on one background task (never on the writer thread). Value null: removed.</summary>
        public event Action<string, ReadOnlyMemory<byte>?>? Changed;
        /// <summary>Sets (null: removes) one key; completes when durable.</summary>
        public Task<CommitOutcome> PutAsync(string key, ReadOnlyMemory<byte>? value) => throw null!;
    }

    public sealed class TopicRegistry
    {
        public IReadOnlyCollection<Topic> All => throw null!;                        // snapshot, internal ones included
        public bool TryGet(string name, out Topic topic) => throw null!;             // lock-free
        public bool TryGet(Guid id, out Topic topic) => throw null!;
        /// <summary>Durable when it completes. Status: Ok, AlreadyExists, InvalidName, InvalidPartitions, Fenced, …</summary>
        public Task<TopicChange> CreateAsync(string name, int partitions, TopicConfig config) => throw null!;
        public Task<TopicChange> DeleteAsync(string name) => throw null!;
        public Task<TopicChange> AddPartitionsAsync(string name, int totalPartitions) => throw null!;
        public Task<TopicChange> AlterAsync(string name, TopicConfig config) => throw null!;
        public event Action<Topic>? Changed;    // created, altered, deleted; raised after it is durable, on the thread pool
        /// <summary>Kafka's rule: [a-zA-Z0-9._-]{1,249}, not "." or "..".</summary>
        public static bool IsValidName(string name) => throw null!;
    }
    public enum TopicChangeStatus : byte { Ok, AlreadyExists, NotFound, InvalidName, InvalidPartitions, InvalidConfig, LimitReached, Failed }
    public readonly record struct TopicChange(TopicChangeStatus Status, Topic? Topic, string? Reason = null);
}
namespace Edge.Log.Readers
{
    /// <summary>One batch as the journal-order reader hands it out. <see cref="Batch"/> is valid until the next call on the reader.</summary>
    public readonly record struct JournalEntry(Topics.Partition Partition, long IngestSequence, long BaseOffset, long LastOffset, ReadOnlyMemory<byte> Batch);

    /// <summary>Reads durable batches of many partitions in ingest order: a backlog of 32 partitions is read once. Not thread-safe; one owner.</summary>
    public sealed class JournalReader : IDisposable
    {
        /// <summary>Ingest sequence of the next frame to look at.</summary>
        public long Position => throw null!;
        /// <summary>Next durable batch of a wanted partition; false when there is none now.</summary>
        public bool TryRead(out JournalEntry entry) => throw null!;
        /// <summary>Completes when something durable was added behind Position (may be spurious).</summary>
        public ValueTask WaitAsync(CancellationToken cancellationToken) => throw null!;
        public void Seek(long ingestSequence) => throw null!;
        public void Dispose() { }
    }
}
namespace Edge.Log
{
    public enum JournalState : byte { Running, ReadOnly, Stopped }

    public sealed class Journal : IAsyncDisposable
    {
        /// <summary>Recovers the journal of that directory, or formats a new one. Throws JournalFormatException, DiskException.</summary>
        public static Journal Open(IDisk disk, LogOptions options, TimeProvider timeProvider, ILogger logger) => throw null!;
        /// <summary>Starts the writer thread. Before it, submitted items wait.</summary>
        public void Start() => throw null!;

        public string DeviceId => throw null!;
        public string LogId => throw null!;        // 8 hex digits, lineage
        public int Epoch => throw null!;           // of this boot, rises by one each boot; partitionLeaderEpoch
        public Guid BootId => throw null!;
        public LogOptions Options => throw null!;
        public TimeProvider TimeProvider => throw null!;
        public JournalState State => throw null!;
        public Exception? Fault => throw null!;
        public Topics.TopicRegistry Topics => throw null!;
        public JournalStatistics Statistics => throw null!;

        /// <summary>Latest values of an internal keyed topic: "__consumer_offsets", "__sync_cursors", "__mqtt_retained", "__mqtt_sessions", "__catalog", … Made on first use.</summary>
        public Topics.KeyedTable GetTable(string name) => throw null!;

        /// <summary>Queues an item for the next group commit; from any thread, never blocks. When fenced or stopped the item completes at once with that outcome.</summary>
        public void Submit(CommitItem item) => throw null!;

        /// <summary>Appends one ready-made batch (checksum verified by the caller); completes when it is durable or refused. <paramref name="batch"/> belongs to the journal until then.</summary>
        public Task<AppendResult> AppendAsync(Topics.Partition partition, Memory<byte> batch) => throw null!;

        /// <summary>Ingest sequence of what is durable, exclusive.</summary>
        public long DurableSequence => throw null!;
        /// <summary>Ingest sequence of the oldest frame still there.</summary>
        public long StartSequence => throw null!;

        /// <param name="fromIngestSequence">0 = the oldest. Clamped to what is there.</param>
        /// <param name="wants">Which partitions; null = all that are not internal. Asked per frame, must be cheap.</param>
        public JournalReader OpenReader(long fromIngestSequence, Func<Topics.Partition, bool>? wants = null) => throw null!;

        /// <summary>Applies retention once (the host calls it on a timer).</summary>
        public void ApplyRetention() => throw null!;

        /// <summary>Last commit, clean-stop mark, files closed.</summary>
        public ValueTask DisposeAsync() => throw null!;
    }

    /// <summary>Counters since start; long fields are exact, read without a lock.</summary>
    public sealed class JournalStatistics
    {
        public long Records => throw null!;
        public long Batches => throw null!;
        public long Commits => throw null!;
        public long PayloadBytes => throw null!;   // bytes of appended batches
        public long WrittenBytes => throw null!;   // bytes given to pwrite
        public long Segments => throw null!;
        public long StoredBytes => throw null!;    // size of all segment files
        public long DroppedByRetention => throw null!; // records
    }
}
