namespace Edge.CloudSync.Audit;

/// <summary>Follows one chain of <c>edge.id</c>s: what arrived, twice, out of order, or not at all.</summary>
/// <remarks>Records of one chain are spread over central partitions and come in any interleaving of them, so nothing is decided before the end. Each record
/// (offset, previous) says three things: its offset arrived, previous was sent, and nothing was sent between them. Lost is what was named and never seen, and
/// what lies between without any such word. A run of lost records hides the words they carried, so holes inside it count as lost too.
/// Memory: three bits an offset until a page of 1024 is complete, then nothing.</remarks>
internal sealed class ChainAuditor
{
    private const long LargestMarkedHole = 4096;

    private readonly Dictionary<long, OffsetPage> _pages = [];
    private readonly OffsetRanges _skipped = new(), _removed = new();
    private readonly List<AuditGap> _gaps = [];
    private long[] _highest = []; // per central partition: highest offset that came first there
    private long[] _lowest = [];  // per central partition: lowest offset seen there
    private long _lastPageIndex = -1;
    private OffsetPage? _lastPage;
    private long _first = long.MaxValue, _firstPrevious = -1, _last = -1;
    private long _delivered, _pointers, _duplicated, _reordered;

    public bool HasRecords => _last >= 0;

    /// <param name="centralPartition">Where it was read: order is promised within one.</param>
    public void Add(long offset, long previous, int centralPartition)
    {
        if (centralPartition >= _highest.Length) Grow(centralPartition);
        if (offset < _lowest[centralPartition]) _lowest[centralPartition] = offset;
        if (!See(offset, previous)) return;
        ref long highest = ref _highest[centralPartition];
        if (offset < highest) _reordered++;
        else highest = offset;
    }

    /// <summary>A pointer in <c>edge.deadletter</c> stands for the record; its order is not promised.</summary>
    public void AddPointer(long offset, long previous)
    {
        if (See(offset, previous)) _pointers++;
    }

    /// <summary>A record of <c>edge.gaps</c>; announced twice counts once.</summary>
    public void AddGap(AuditGap gap)
    {
        if (_gaps.Contains(gap)) return;
        _gaps.Add(gap);
        _removed.Add(gap.From, gap.To);
    }

    /// <summary>The verdict over the chain.</summary>
    /// <param name="trimmed">Central partitions whose start the centre's own retention removed. What the chain had there cannot be known, so nothing below the first
    /// record left in any of them is judged. Empty: what a record names as sent must be there, also before the first one seen.</param>
    /// <param name="expected">The device's own account; null = unknown.</param>
    public AuditRow Finish(string device, string log, string topic, int partition, IReadOnlyCollection<int> trimmed, ChainExpectation? expected)
    {
        long from = HasRecords ? (_firstPrevious >= 0 ? 0 : _first) : long.MaxValue;
        long to = _last + 1;
        if (expected is not null && expected.To > expected.From) (from, to) = (Math.Min(expected.From, from), Math.Max(to, expected.To));
        foreach (int central in trimmed)
            from = Math.Max(from, central < _lowest.Length && _lowest[central] < long.MaxValue ? _lowest[central] : _first == long.MaxValue ? from : _first);
        long lost = from < to ? CountLost(from, to) : 0;
        _gaps.Sort(static (a, b) => a.From.CompareTo(b.From));
        return new AuditRow(device, log, topic, partition, HasRecords ? _first : -1, _last, _delivered, _pointers, lost, _duplicated, _reordered, _gaps);
    }

    private bool See(long offset, long previous)
    {
        if (!PageOf(offset).TrySee((int)(offset % OffsetPage.Offsets)))
        {
            _duplicated++;
            return false;
        }
        _delivered++;
        if (offset < _first) (_first, _firstPrevious) = (offset, previous);
        if (offset > _last) _last = offset;
        if (previous < 0) return true;
        PageOf(previous).Name((int)(previous % OffsetPage.Offsets));
        if (offset - previous - 1 > LargestMarkedHole) _skipped.Add(previous + 1, offset);
        else
            for (long hole = previous + 1; hole < offset; hole++) PageOf(hole).Skip((int)(hole % OffsetPage.Offsets));
        return true;
    }

    private long CountLost(long from, long to)
    {
        var explained = new OffsetRanges();
        explained.AddAll(_skipped);
        explained.AddAll(_removed);
        long lost = 0;
        void Found(long start, long end, bool isNamed) => lost += end - start - (isNamed ? _removed : explained).Overlap(start, end);

        long at = from;
        foreach (long index in _pages.Keys.Where(index => (index + 1) * OffsetPage.Offsets > from && index * OffsetPage.Offsets < to).Order())
        {
            long pageStart = index * OffsetPage.Offsets;
            if (pageStart > at) Found(at, pageStart, isNamed: false); // pages nobody spoke of
            long start = Math.Max(pageStart, from), end = Math.Min(pageStart + OffsetPage.Offsets, to);
            _pages[index].Missing(pageStart, (int)(start - pageStart), (int)(end - pageStart), Found);
            at = end;
        }
        if (at < to) Found(at, to, isNamed: false);
        return lost;
    }

    private OffsetPage PageOf(long offset)
    {
        long index = offset / OffsetPage.Offsets;
        if (index == _lastPageIndex) return _lastPage!;
        if (!_pages.TryGetValue(index, out OffsetPage? page)) _pages.Add(index, page = new OffsetPage());
        (_lastPageIndex, _lastPage) = (index, page);
        return page;
    }

    private void Grow(int centralPartition)
    {
        int old = _highest.Length;
        Array.Resize(ref _highest, centralPartition + 1);
        Array.Fill(_highest, -1L, old, _highest.Length - old);
        Array.Resize(ref _lowest, _highest.Length);
        Array.Fill(_lowest, long.MaxValue, old, _lowest.Length - old);
    }
}
