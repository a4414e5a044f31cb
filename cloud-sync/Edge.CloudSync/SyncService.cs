using System.Buffers;
using Edge.CloudSync.Fleet;
using Edge.CloudSync.Forwarding;
using Edge.Ingest;
using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.CloudSync;

/// <summary>The appliance's way to the centre: start, stop, pause and look at it.</summary>
/// <remarks>Never holds up ingest: it only reads what is durable. Without a centre (<see cref="SyncOptions.IsActive"/> false) it stays
/// <see cref="SyncState.Stopped"/> and leaves retention alone.</remarks>
public sealed class SyncService : IAsyncDisposable
{
    private readonly SyncOptions _options;
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, (long Next, long TimestampMs)> _oldest = [];
    private readonly Lock _oldestLock = new();
    private ForwarderLoop? _forwarder;
    private CancellationTokenSource? _reportingStop;
    private Task _running = Task.CompletedTask, _reporting = Task.CompletedTask;

    /// <param name="ingest">The door for downlinked records.</param>
    public SyncService(SyncOptions options, Journal journal, IngestPipeline ingest, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        (_options, _journal, _time) = (options, journal, timeProvider);
        Ingest = ingest;
        _logger = loggerFactory.CreateLogger<SyncService>();
    }

    /// <summary>The door for downlinked records.</summary>
    internal IngestPipeline Ingest { get; }

    /// <summary>Starts forwarding; returns at once, also while the centre is away. Guards unsent records against retention before it returns.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_options.IsActive || _forwarder is not null) return Task.CompletedTask;
        _forwarder = _options.Delivery == SyncOptions.ExactlyOnce
            ? new ExactlyOnceForwarder(_journal, _options, _time, _logger) { IgnoresTaint = IgnoresTaint }
            : new AtLeastOnceForwarder(_journal, _options, _time, _logger);
        _running = Task.Run(_forwarder.RunAsync, CancellationToken.None);
        if (_options.FleetInterval > TimeSpan.Zero)
        {
            var reporter = new FleetReporter(_options, _journal, () => Status, _time, _logger);
            _reportingStop = new CancellationTokenSource();
            _reporting = Task.Run(() => reporter.RunAsync(_reportingStop.Token), CancellationToken.None);
        }
        return Task.CompletedTask;
    }

    /// <summary>Waits up to 5 s for what is in flight, writes the cursors and disposes the producer.</summary>
    /// <param name="cancellationToken">Gives up waiting; the cursors written so far stand.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_forwarder is not { } forwarder) return;
        if (_reportingStop is not null) await _reportingStop.CancelAsync().ConfigureAwait(false);
        forwarder.Stop();
        await _reporting.WaitAsync(cancellationToken).ConfigureAwait(false);
        _reportingStop?.Dispose();
        _reportingStop = null;
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        forwarder.Dispose();
        _forwarder = null;
    }

    /// <summary>For tests: stops as a kill would, without draining and without a last cursor.</summary>
    internal Task StopAbruptlyAsync()
    {
        _forwarder?.Abandon();
        return StopAsync(CancellationToken.None);
    }

    /// <summary>Stops forwarding until <see cref="Resume"/>; ingest goes on and nothing unsent is removed.</summary>
    public void Pause() => _forwarder?.Pause();

    public void Resume() => _forwarder?.Resume();

    /// <summary>Says that this appliance is the device, where forwarding halted because another one is or was, too. Its log begins a new lineage.</summary>
    /// <returns>False when forwarding is not halted.</returns>
    public bool Adopt()
    {
        if (_forwarder is not ExactlyOnceForwarder { State: SyncState.Halted } halted) return false;
        halted.Adopt();
        return true;
    }

    /// <summary>For the test that shows what the taint rule is for.</summary>
    internal bool IgnoresTaint { get; set; }

    /// <summary>A snapshot; cheap enough for once a second.</summary>
    public SyncStatus Status
    {
        get
        {
            if (_forwarder is not { } forwarder) return new SyncStatus { Delivery = _options.Delivery, BootstrapServers = _options.BootstrapServers };
            var partitions = new List<PartitionSyncStatus>();
            long backlog = 0, oldestMs = long.MaxValue;
            foreach (SourcePartition source in forwarder.Sources.All)
            {
                Partition partition = source.Partition;
                if (partition.Topic.IsDeleted) continue;
                long next = source.Tracker.Next, highWatermark = partition.HighWatermark;
                long waiting = highWatermark - Math.Max(next, partition.LogStartOffset);
                if (waiting > 0)
                {
                    backlog += waiting;
                    oldestMs = Math.Min(oldestMs, OldestTimestampMs(source.CursorKey, partition, next));
                }
                partitions.Add(new PartitionSyncStatus(partition.Topic.Name, partition.Index, next, highWatermark, source.CentralTopicName, source.PausedReason));
            }
            partitions.Sort(static (a, b) => string.CompareOrdinal(a.Topic, b.Topic) is var order and not 0 ? order : a.Partition.CompareTo(b.Partition));
            long stored = Math.Max(1, _journal.Statistics.Records);
            return new SyncStatus
            {
                State = forwarder.State,
                Delivery = _options.Delivery,
                HaltReason = (forwarder as ExactlyOnceForwarder)?.HaltReason,
                Transactions = forwarder.Counters.Transactions,
                TransactionsAborted = forwarder.Counters.AbortedTransactions,
                BootstrapServers = _options.BootstrapServers,
                RecordsForwarded = forwarder.Counters.Records,
                BytesForwarded = forwarder.Counters.Bytes,
                RecordsDeadLettered = forwarder.Counters.Pointers,
                GapsAnnounced = forwarder.Counters.Gaps,
                Sessions = forwarder.Counters.Sessions,
                BacklogRecords = backlog,
                BacklogBytes = (long)(backlog * ((double)_journal.Statistics.PayloadBytes / stored)),
                OldestBacklog = oldestMs is long.MaxValue or < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(oldestMs),
                RecordsInFlight = forwarder.InFlight,
                LastError = forwarder.LastError?.Text,
                LastErrorTime = forwarder.LastError?.Time,
                Partitions = partitions,
            };
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>Timestamp of the first batch from <paramref name="next"/> on, kept until the cursor moves.</summary>
    private long OldestTimestampMs(string key, Partition partition, long next)
    {
        lock (_oldestLock)
        {
            if (_oldest.TryGetValue(key, out (long Next, long TimestampMs) known) && known.Next == next) return known.TimestampMs;
            var batch = new ArrayBufferWriter<byte>(4096);
            ReadResult read = partition.Read(Math.Max(next, partition.LogStartOffset), 1, minOneBatch: true, batch);
            long timestampMs = read.Status == ReadStatus.Ok && batch.WrittenCount >= RecordBatchHeader.HeaderBytes
                ? RecordBatchHeader.Parse(batch.WrittenSpan).BaseTimestampMs : long.MaxValue;
            _oldest[key] = (next, timestampMs);
            return timestampMs;
        }
    }
}
