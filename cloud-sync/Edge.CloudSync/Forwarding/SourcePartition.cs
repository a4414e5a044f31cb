using Edge.CloudSync.Centre;
using Edge.CloudSync.Cursors;
using Edge.CloudSync.Provenance;
using Edge.Log.Gaps;
using Edge.Log.Topics;

namespace Edge.CloudSync.Forwarding;

/// <summary>One local partition on its way to the centre. Owned by the forwarder loop; what other threads touch is said at the member.</summary>
internal sealed class SourcePartition
{
    private readonly Dictionary<long, string> _poison = [];
    private readonly Lock _poisonLock = new();
    private readonly string _device, _topic;
    private long _carefulUntil;
    private volatile bool _hasPoison;

    public SourcePartition(Partition partition, SyncOptions options, string device, string log, SyncCursor? persisted)
    {
        Partition = partition;
        string topic = partition.Topic.Name;
        CursorKey = SyncCursor.KeyOf(topic, partition.Index);
        Id = new EdgeIdWriter(device, log, topic, partition.Index);
        CentralTopicName = Template.RenderTopic(options.Topic, device, options.Site, topic);
        KeyPieces = Template.CompileKey(options.Key, device, options.Site, topic);
        // Another lineage counts the same offsets for other records: the chain starts anew, the position stays.
        bool isSameLog = persisted is { } cursor && cursor.Log == log;
        long next = persisted?.Next ?? partition.LogStartOffset;
        Tracker = new CursorTracker(next, isSameLog ? persisted!.Value.Previous : -1);
        ResumeSequence = persisted?.IngestSequence ?? 0;
        NextToRead = next;
        LastSent = Tracker.Previous;
        Written = persisted;
        Sequence = isSameLog ? persisted!.Value.Sequence : 0;
        Boots = BootTrail.Empty;
        (_device, _topic) = (device, topic);
    }

    public Partition Partition { get; }

    /// <summary>What is announced at the centre of a range that is not sent.</summary>
    public JournalGap GapOf(string log, long from, long to, string reason, DateTimeOffset time) => new(log, Partition.Topic.Name, Partition.Index, from, to, reason, time);

    public string CursorKey { get; }
    public string CentralTopicName { get; }
    public EdgeIdWriter Id { get; private set; }

    /// <summary>Pieces of the central key around the record's own; one piece is a constant key.</summary>
    public byte[][] KeyPieces { get; }

    /// <summary>Thread-safe: the client's poll thread confirms.</summary>
    public CursorTracker Tracker { get; }

    /// <summary>Null until looked up in this session.</summary>
    public CentralTopic? Central { get; set; }

    /// <summary>First offset not handed to the client.</summary>
    public long NextToRead { get; set; }

    /// <summary>Offset handed to the client last: the next record's <c>previous</c>.</summary>
    public long LastSent { get; set; }

    /// <summary>Frame to read on from, as of the last rewind or pause.</summary>
    public long ResumeSequence { get; set; }

    /// <summary>The cursor as written last; null when none was.</summary>
    public SyncCursor? Written { get; set; }

    /// <summary>Number of the last committed transaction that touched it; 0 when none did.</summary>
    public long Sequence { get; set; }

    /// <summary>Boots that wrote what is at the centre.</summary>
    public BootTrail Boots { get; set; }

    /// <summary>Its part of the transaction being built or sent; null when it has none.</summary>
    public SourcePlan? Plan { get; set; }

    /// <summary>Most records of it in one transaction while a refused one is looked for (below <see cref="CarefulUntil"/>).</summary>
    public int CarefulRecords { get; set; } = int.MaxValue;

    /// <summary>Why the centre does not take it now. Set by the poll thread too.</summary>
    public volatile string? PausedReason;

    /// <summary>True once the loop noted where to go on after the pause.</summary>
    public bool IsHeldBack { get; set; }

    /// <summary>Held back only because a local transaction is open there: goes on when that is decided.</summary>
    public bool IsUnstable { get; set; }

    /// <summary>Frame of the first record that is not decided, while <see cref="IsUnstable"/>.</summary>
    public long UnstableSequence { get; set; }

    /// <summary>True when it may be tried again.</summary>
    public bool MayRetry(TimeProvider time, TimeSpan after) =>
        IsUnstable ? Partition.LastStableOffset > NextToRead : time.GetElapsedTime(RetryTimestamp) >= after;

    /// <summary>The operator was told that its backlog is older than the centre keeps records.</summary>
    public bool IsKnownStale { get; set; }

    /// <summary>What the centre may delete on arrival: its retention goes by the record's own timestamp.</summary>
    public bool IsStale(long timestampMs, DateTimeOffset now) => Central?.RetentionMs is { } keeps && timestampMs >= 0 && timestampMs < now.ToUnixTimeMilliseconds() - keeps;

    /// <summary>TimeProvider timestamp of the next try.</summary>
    public long RetryTimestamp { get; set; }

    /// <summary>Up to here (exclusive) records go one at a time, to find the one that the centre refuses. Thread-safe.</summary>
    public long CarefulUntil
    {
        get => Volatile.Read(ref _carefulUntil);
        set => Volatile.Write(ref _carefulUntil, value);
    }

    /// <summary>Notes that the centre refused exactly this record. Thread-safe.</summary>
    public void MarkPoison(long offset, string reason)
    {
        lock (_poisonLock) _poison[offset] = reason;
        _hasPoison = true;
    }

    /// <summary>Why this record goes to the dead letters; null for a healthy one. Thread-safe.</summary>
    public string? PoisonReason(long offset)
    {
        if (!_hasPoison) return null;
        lock (_poisonLock) return _poison.GetValueOrDefault(offset);
    }

    /// <summary>Forgets refused records below the cursor.</summary>
    public void TrimPoison(long next)
    {
        if (!_hasPoison) return;
        lock (_poisonLock)
            foreach (long offset in _poison.Keys.Where(offset => offset < next).ToArray()) _poison.Remove(offset);
    }

    /// <summary>Frame to read on from now.</summary>
    /// <param name="lookedAt">Every frame of the partition before it was handed to the client or skipped.</param>
    public long SequenceToResume(long lookedAt) => Tracker.Read(IsHeldBack ? ResumeSequence : lookedAt).IngestSequence;

    /// <summary>Goes on where the centre says.</summary>
    /// <param name="log">Lineage that goes on; another one than before begins a new chain.</param>
    public void StartAt(in StartPosition position, string log)
    {
        Id = new EdgeIdWriter(_device, log, _topic, Partition.Index);
        Tracker.MoveTo(position.Next, position.Previous);
        (Sequence, Boots, ResumeSequence) = (position.Sequence, position.Boots, position.IngestSequence);
        NextToRead = position.Next;
        LastSent = position.Previous;
        Plan = null;
        Central = null;
    }

    /// <summary>Back to the cursor: what is in flight is forgotten and will be read again.</summary>
    public void Rewind(long lookedAt)
    {
        ResumeSequence = SequenceToResume(lookedAt);
        Tracker.Rewind();
        NextToRead = Tracker.Next;
        LastSent = Tracker.Previous;
        Central = null;
    }
}
