using System.Collections.Concurrent;
using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.Lineage;
using Edge.Log.Readers;
using Edge.Log.Segments;
using Edge.Log.State;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Log;

/// <summary>One append-only log on one directory, shared by all partitions: one write and one fdatasync per group commit.</summary>
/// <remarks>
/// Appends are <see cref="CommitItem"/>s, written by one writer thread; everything that reads works from the durable end. The log is the truth; indexes,
/// snapshots and tables are derived from it. A file whose write or sync failed is never trusted again: what was not acknowledged is written once more to a
/// fresh segment, and when that fails too the journal is fenced. docs/formats/journal.md has the bytes.
/// </remarks>
public sealed partial class Journal : IAsyncDisposable
{
    internal const string TopicsTable = "__topics", BootsTable = "__boots";
    private const int TopicsPartitionId = 0, BootsPartitionId = 1;

    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<int, Partition> _partitions = new();
    private readonly ConcurrentDictionary<string, KeyedTable> _tables = new(StringComparer.Ordinal);
    private readonly Lock _signalLock = new();
    private volatile Segment[] _segments = [];
    private TaskCompletionSource? _commitSignal;
    private Exception? _fault;
    private volatile bool _stopped;
    private long _durableSequence;

    private Journal(IDisk disk, LogOptions options, TimeProvider timeProvider, ILogger logger)
    {
        _disk = disk;
        _logger = logger;
        Options = options;
        TimeProvider = timeProvider;
        Topics = new TopicRegistry(this);
        Gaps = new GapTable(this);
        Lineage = new JournalLineage(this);
        _writer = new CommitWriter(this);
    }

    public LogOptions Options { get; }
    public TimeProvider TimeProvider { get; }
    public TopicRegistry Topics { get; }

    /// <summary>Log id, its parents, boots; the fork to a new log id.</summary>
    public JournalLineage Lineage { get; }

    /// <summary>What left the journal before it was forwarded.</summary>
    public GapTable Gaps { get; }

    public JournalStatistics Statistics { get; } = new();

    /// <summary>Identity of the device, made at the first start and kept in the journal unless configured.</summary>
    public string DeviceId { get; private set; } = "";

    /// <summary>Lineage of the journal: 8 hex digits made when the directory was formatted, and anew at every fork.</summary>
    public string LogId { get; private set; } = "";

    /// <summary>Number of this boot, rising by one; Kafka's leader epoch.</summary>
    public int Epoch { get; private set; }

    /// <summary>Random per boot; tells two boots with the same epoch apart.</summary>
    public Guid BootId { get; } = Guid.NewGuid();

    public JournalState State => _stopped ? JournalState.Stopped : Fault is null ? JournalState.Running : JournalState.ReadOnly;

    /// <summary>Why the journal is fenced; null while it is not.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>Raised once when the journal becomes read-only, on the writer thread.</summary>
    public event Action<Exception>? Fenced;

    /// <summary>Ingest sequence of what is durable, exclusive.</summary>
    public long DurableSequence => Volatile.Read(ref _durableSequence);

    /// <summary>Ingest sequence of the oldest frame that may still be there.</summary>
    public long StartSequence => _segments[0].Header.FirstIngestSequence;

    /// <summary>Recovers the journal of that directory, or formats a new one.</summary>
    /// <exception cref="JournalFormatException">A newer version wrote it, or nothing usable is left of the state.</exception>
    /// <exception cref="DiskException">The disk failed.</exception>
    public static Journal Open(IDisk disk, LogOptions options, TimeProvider timeProvider, ILogger logger)
    {
        if (options.Validate().FirstOrDefault() is { } problem) throw new ArgumentException(problem, nameof(options));
        var journal = new Journal(disk, options, timeProvider, logger);
        try
        {
            journal.Recover();
            journal.BeginBoot();
        }
        catch
        {
            journal.CloseFiles();
            throw;
        }
        return journal;
    }

    /// <summary>Starts the writer thread. Items submitted before wait for it.</summary>
    public void Start()
    {
        _thread = new Thread(RunWriter) { IsBackground = true, Name = "edge-journal" };
        _thread.Start();
        StartIdleTimer();
    }

    /// <summary>Latest values of an internal keyed topic; made on first use.</summary>
    /// <param name="name">Begins with two underscores, for example <c>__consumer_offsets</c>.</param>
    public KeyedTable GetTable(string name)
    {
        if (!name.StartsWith("__", StringComparison.Ordinal)) throw new ArgumentException($"Table '{name}' does not begin with two underscores.", nameof(name));
        return _tables.TryGetValue(name, out KeyedTable? table) ? table : Topics.MakeTable(name);
    }

    /// <summary>Reads durable batches of many partitions in ingest order.</summary>
    /// <param name="fromIngestSequence">0 = the oldest; clamped to what is there.</param>
    /// <param name="wants">Which partitions; null = all that are not internal. Asked per frame, must be cheap.</param>
    public JournalReader OpenReader(long fromIngestSequence, Func<Partition, bool>? wants = null) =>
        new(this, fromIngestSequence, wants ?? (static partition => !partition.Topic.IsInternal));

    /// <summary>Last commit, files closed. What was submitted before is made durable; what comes later is refused.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped) return;
        lock (_queueLock)
        {
            _stopping = true;
            Monitor.Pulse(_queueLock);
        }
        if (_idleTimer is { } timer) await timer.DisposeAsync().ConfigureAwait(false);
        if (_thread is { } thread) await Task.Run(thread.Join).ConfigureAwait(false);
        else while (RunCommitOnce()) { }
        _stopped = true;
        if (Fault is null) WriteCleanMark();
        RefuseQueued();
        SignalCommit();
        foreach (KeyedTable table in _tables.Values) table.Complete();
        CloseFiles();
    }

    internal Segment[] Segments => _segments;

    internal bool TryGetPartition(int id, out Partition partition) => _partitions.TryGetValue(id, out partition!);

    internal bool TryGetTable(string name, out KeyedTable table) => _tables.TryGetValue(name, out table!);

    internal void AddPartition(Partition partition) => _partitions[partition.Id] = partition;

    internal void AddTable(KeyedTable table) => _tables[table.Name] = table;

    internal void ReportListenerFault(string table, Exception fault) => LogListenerFault(table, fault);

    internal void CountDamage(long bytes)
    {
        if (bytes > 0) Interlocked.Add(ref Statistics.DamagedCount, bytes);
    }

    internal Task WaitForCommitAsync(long afterSequence, CancellationToken cancellationToken)
    {
        lock (_signalLock)
        {
            if (DurableSequence > afterSequence || _stopped) return Task.CompletedTask;
            _commitSignal ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _commitSignal.Task.WaitAsync(cancellationToken);
        }
    }

    private void SignalCommit()
    {
        TaskCompletionSource? signal;
        lock (_signalLock)
        {
            signal = _commitSignal;
            _commitSignal = null;
        }
        signal?.TrySetResult();
    }

    private void CloseFiles()
    {
        foreach (Segment segment in _segments) segment.Release();
        _writer.Dispose();
        _spare?.File.Dispose();
        _spare = null;
    }

    private void Fence(Exception cause)
    {
        if (Fault is not null) return;
        var fault = new JournalFencedException(cause);
        Volatile.Write(ref _fault, fault);
        LogFenced(cause);
        Fenced?.Invoke(fault);
        SignalCommit();
    }

    [LoggerMessage(1000, LogLevel.Critical, "The journal is read-only until restart; nothing more is acknowledged")]
    private partial void LogFenced(Exception cause);

    [LoggerMessage(1001, LogLevel.Error, "A listener of table {Table} failed")]
    private partial void LogListenerFault(string table, Exception fault);
}
