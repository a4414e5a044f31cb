using System.Globalization;
using Edge.Log.Storage;

namespace Edge.Log.Segments;

/// <summary>One file of the journal. Only the newest one, the active segment, is written.</summary>
/// <remarks>
/// Readers hold a reference while they read (<see cref="TryAcquire"/>/<see cref="Release"/>); a removed segment's file is closed, and may be recycled, only
/// after the last reader let go.
/// </remarks>
internal sealed class Segment
{
    public const string Suffix = ".seg", IndexSuffix = ".index";
    private readonly IDisk _disk;
    private int _references = 1;
    private int _end;

    public Segment(IDisk disk, IDiskFile file, SegmentHeader header, int capacity)
    {
        _disk = disk;
        File = file;
        Header = header;
        Capacity = capacity;
        _end = SegmentHeader.HeaderBytes;
    }

    public IDiskFile File { get; }
    public SegmentHeader Header { get; }
    public long BasePosition => Header.BasePosition;

    /// <summary>Size of the file in bytes.</summary>
    public int Capacity { get; }

    /// <summary>Position in the journal at which the next segment begins.</summary>
    public long EndPosition => BasePosition + Capacity;

    /// <summary>End of the durable frames, exclusive, in bytes from the start of the file. What lies behind is no data.</summary>
    public int End { get => Volatile.Read(ref _end); set => Volatile.Write(ref _end, value); }

    /// <summary>The index while the segment is active; null once it is sealed.</summary>
    public SegmentIndex? Active { get; set; }

    /// <summary>What the sealed segment holds, in order of partition id; empty while active.</summary>
    public PartitionSpan[] Spans { get; set; } = [];

    public bool IsSealed => Active is null;

    public static string NameOf(long basePosition) => basePosition.ToString("D20", CultureInfo.InvariantCulture) + Suffix;
    public static string IndexNameOf(long basePosition) => basePosition.ToString("D20", CultureInfo.InvariantCulture) + IndexSuffix;

    public bool TryGetSpan(int partitionId, out PartitionSpan span)
    {
        if (Active is { } active) return active.TryGetSpan(partitionId, out span);
        PartitionSpan[] spans = Spans;
        int low = 0, high = spans.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (spans[middle].PartitionId == partitionId)
            {
                span = spans[middle];
                return true;
            }
            if (spans[middle].PartitionId < partitionId) low = middle + 1;
            else high = middle - 1;
        }
        span = default;
        return false;
    }

    /// <summary>A position at or before the first frame of the partition that holds <paramref name="offset"/> or more.</summary>
    public int FindPosition(int partitionId, long offset)
    {
        if (Active is { } active)
            return active.TryFindLast(partitionId, e => e.Offset <= offset, out IndexEntry found) ? found.Position : SegmentHeader.HeaderBytes;
        return LastOrStart(EntriesOf(partitionId), e => e.Offset <= offset);
    }

    /// <summary>A position at or before the partition's first frame with a record at or after that time.</summary>
    public int FindPositionByTime(int partitionId, long timestampMs)
    {
        if (Active is { } active)
            return active.TryFindTime(partitionId, timestampMs, out IndexEntry found) ? found.Position : SegmentHeader.HeaderBytes;
        foreach (IndexEntry entry in EntriesOf(partitionId))
            if (entry.MaxTimestampMs >= timestampMs) return entry.Position;
        return SegmentHeader.HeaderBytes;
    }

    /// <summary>A position at or before the frame with that ingest sequence.</summary>
    public int FindPositionByIngest(long ingestSequence)
    {
        if (Active is { } active) return Math.Max(SegmentHeader.HeaderBytes, active.FindPositionByIngest(ingestSequence));
        int best = SegmentHeader.HeaderBytes;
        foreach (PartitionSpan span in Spans)
            best = Math.Max(best, LastOrStart(EntriesOf(span.PartitionId), e => e.IngestSequence <= ingestSequence));
        return best;
    }

    public bool TryAcquire()
    {
        while (true)
        {
            int current = Volatile.Read(ref _references);
            if (current == 0) return false;
            if (Interlocked.CompareExchange(ref _references, current + 1, current) == current) return true;
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0) File.Dispose();
    }

    /// <summary>Gives up the journal's own reference; the file is closed with the last reader.</summary>
    public void Retire() => Release();

    /// <summary>Closes the file at once if nobody reads it. False, and nothing is done, when somebody does.</summary>
    public bool TryRetireUnread()
    {
        if (Interlocked.CompareExchange(ref _references, 0, 1) != 1) return false;
        File.Dispose();
        return true;
    }

    private static int LastOrStart(IndexEntry[] entries, Func<IndexEntry, bool> isBefore)
    {
        int low = 0, high = entries.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (isBefore(entries[middle])) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? SegmentHeader.HeaderBytes : entries[low - 1].Position;
    }

    private IndexEntry[] EntriesOf(int partitionId)
    {
        if (!TryGetSpan(partitionId, out PartitionSpan span)) return [];
        try
        {
            using IDiskFile file = _disk.Open(IndexNameOf(BasePosition), DiskOpenMode.Read);
            return SegmentIndexFile.ReadEntries(file, Spans.Length, span);
        }
        catch (DiskException) { return []; } // the index is derived: without it the segment is walked from its start
    }
}
