using System.Text;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Topics;

namespace Edge.Ingest;

/// <summary>The only door into the journal: gathers single readings into batches, takes ready-made batches, and holds both back when too much is in flight.</summary>
/// <remarks>
/// Sources add records to the open group under one short lock. The journal's writer closes the group when it is free to write it, so batches grow by
/// themselves while a commit runs, and a thousand messages wait for one fdatasync.
/// </remarks>
public sealed partial class IngestPipeline : IAsyncDisposable
{
    /// <summary>A batch is closed above this size, a group above four times of it: far below the journal's limits, large enough to cost nothing.</summary>
    private const int BatchBytes = 512 << 10;

    private readonly int _groupBytes;
    private readonly Lock _gate = new();
    private readonly Stack<OpenBatch> _freeBatches = new();
    private readonly Stack<GatherGroup> _freeGroups = new();
    private OpenBatch?[] _openByPartition = new OpenBatch?[64];
    private GatherGroup _current;
    private long _durableGroup, _inFlightBytes;

    public IngestPipeline(Journal journal, IngestOptions options)
    {
        if (options.Validate().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(options));
        Journal = journal;
        Options = options;
        _groupBytes = Math.Min(4 * BatchBytes, journal.Options.SegmentBytes / 8);
        _current = new GatherGroup(this) { Number = 1 };
    }

    public Journal Journal { get; }
    public IngestOptions Options { get; }

    /// <summary>Bytes accepted and not yet durable.</summary>
    public long InFlightBytes => Volatile.Read(ref _inFlightBytes);

    /// <summary>Highest group number that is durable.</summary>
    public long DurableGroup => Volatile.Read(ref _durableGroup);

    internal long CurrentGroup => _current.Number;

    /// <summary>Begins adding records; the result must be disposed on the same thread, soon.</summary>
    public Gather EnterGather()
    {
        _gate.Enter();
        return new Gather(this);
    }

    /// <summary>One reading, durable when it completes; waits while too much is in flight.</summary>
    public async ValueTask<IngestResult> SubmitAsync(IngestRecord record, CancellationToken cancellationToken)
    {
        Topic? topic = await GetOrCreateTopicAsync(record.Topic, cancellationToken).ConfigureAwait(false);
        if (topic is null) return new IngestResult(IngestStatus.InvalidTopic, record.Topic, -1, -1);
        Partition partition = PartitionFor(topic, record);
        long now = Journal.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        (long timestampMs, IReadOnlyList<RecordHeader> headers) = Clamp(record, now);
        byte[] encoded = RecordHeaders.Encode(headers);
        while (true)
        {
            SubmitWait? wait = null;
            IngestStatus status;
            using (Gather gather = EnterGather())
            {
                status = gather.TryAdd(partition, timestampMs, record.Key is not null, record.Key, record.Value is not null, record.Value, headers.Count, encoded);
                if (status == IngestStatus.Ok)
                {
                    OpenBatch batch = _openByPartition[partition.Id]!;
                    wait = new SubmitWait(batch, batch.Builder.RecordCount - 1);
                    gather.Notify(wait);
                }
            }
            if (wait is not null)
            {
                (CommitOutcome outcome, long offset) = await wait.Completion.ConfigureAwait(false); // accepted: no longer cancelled, or the caller would send it twice
                return new IngestResult(StatusOf(outcome, offset), topic.Name, partition.Index, offset);
            }
            if (status != IngestStatus.Busy) return new IngestResult(status, topic.Name, partition.Index, -1);
            await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One ready-made batch (Kafka produce) whose checksum, count and size the caller checked; waits for room, then until it is durable.</summary>
    public async ValueTask<AppendResult> AppendBatchAsync(Partition partition, Memory<byte> batch, CancellationToken cancellationToken)
    {
        Task<AppendResult> appended;
        while (!TryAppendBatch(partition, batch, out appended)) await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        return await appended.ConfigureAwait(false);
    }

    /// <summary>As <see cref="AppendBatchAsync"/>, without waiting for room: when this returns true the batch has its place behind all that was submitted before.</summary>
    /// <param name="appended">Completes when the batch is durable or refused; it is not submitted when the method returns false.</param>
    /// <returns>False: no room. Nothing happened; wait with <see cref="WaitForRoomAsync"/> and try again.</returns>
    public bool TryAppendBatch(Partition partition, Memory<byte> batch, out Task<AppendResult> appended)
    {
        bool hasRoom = TryReserve(batch.Length);
        appended = hasRoom ? AppendReservedAsync(partition, batch) : Task.FromResult(AppendResult.Refused(AppendStatus.LogFull));
        return hasRoom;
    }

    /// <summary>Topic of that name; made with the defaults when it is missing and that is allowed. Null when there is none.</summary>
    public async ValueTask<Topic?> GetOrCreateTopicAsync(string name, CancellationToken cancellationToken)
    {
        if (Journal.Topics.TryGet(name, out Topic topic)) return topic.IsInternal ? null : topic;
        if (!Options.AutoCreateTopics) return null;
        TopicChange change = await Journal.Topics.CreateAsync(name, Options.DefaultPartitions, Options.TopicDefaults).WaitAsync(cancellationToken).ConfigureAwait(false);
        return change.Topic;
    }

    /// <summary>What was accepted is completed by the journal; nothing is held here.</summary>
    public ValueTask DisposeAsync()
    {
        SignalRoom();
        return ValueTask.CompletedTask;
    }

    private async Task<AppendResult> AppendReservedAsync(Partition partition, Memory<byte> batch)
    {
        try { return await Journal.AppendAsync(partition, batch).ConfigureAwait(false); }
        finally { ReleaseBytes(batch.Length); }
    }

    private static IngestStatus StatusOf(CommitOutcome outcome, long offset) => outcome.Status switch
    {
        AppendStatus.Ok => offset >= 0 ? IngestStatus.Ok : IngestStatus.InvalidTopic,
        AppendStatus.LogFull => IngestStatus.LogFull,
        _ => IngestStatus.Fenced,
    };

    private static Partition PartitionFor(Topic topic, IngestRecord record)
    {
        IReadOnlyList<Partition> partitions = topic.Partitions;
        return partitions[Murmur2.Partition(record.Key ?? Encoding.UTF8.GetBytes(record.Source), partitions.Count)];
    }

    private static (long TimestampMs, IReadOnlyList<RecordHeader> Headers) Clamp(IngestRecord record, long nowMs)
    {
        if (record.TimestampMs is not { } given) return (nowMs, record.Headers);
        if (given <= nowMs) return (given, record.Headers);
        return (nowMs, [.. record.Headers, new RecordHeader("edge.time", Encoding.ASCII.GetBytes(string.Create(null, $"{given}")))]);
    }

    private sealed class SubmitWait(OpenBatch batch, int index) : ICommitListener
    {
        private readonly TaskCompletionSource<(CommitOutcome, long)> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(CommitOutcome Outcome, long Offset)> Completion => _completion.Task;

        public void OnCommitted(long group, CommitOutcome outcome) =>
            _completion.TrySetResult((outcome, outcome.IsDurable && batch.BaseOffset >= 0 ? batch.BaseOffset + index : -1));
    }
}
