namespace Edge.CloudSync.Audit;

/// <summary>A set of offset ranges; merged when first asked.</summary>
internal sealed class OffsetRanges
{
    private readonly List<(long From, long To)> _ranges = [];
    private bool _isMerged = true;

    public bool IsEmpty => _ranges.Count == 0;

    /// <param name="to">Exclusive.</param>
    public void Add(long from, long to)
    {
        if (to <= from) return;
        _ranges.Add((from, to));
        _isMerged = false;
    }

    /// <summary>How many offsets of [from, to) lie in the set.</summary>
    public long Overlap(long from, long to)
    {
        if (_ranges.Count == 0 || to <= from) return 0;
        Merge();
        int low = 0, high = _ranges.Count; // first range that ends behind from
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].To <= from) low = middle + 1;
            else high = middle;
        }
        long overlap = 0;
        for (; low < _ranges.Count && _ranges[low].From < to; low++) overlap += Math.Min(to, _ranges[low].To) - Math.Max(from, _ranges[low].From);
        return overlap;
    }

    public void AddAll(OffsetRanges other)
    {
        _ranges.AddRange(other._ranges);
        _isMerged = false;
    }

    private void Merge()
    {
        if (_isMerged) return;
        _ranges.Sort();
        int last = 0;
        for (int i = 1; i < _ranges.Count; i++)
        {
            if (_ranges[i].From <= _ranges[last].To) _ranges[last] = (_ranges[last].From, Math.Max(_ranges[last].To, _ranges[i].To));
            else _ranges[++last] = _ranges[i];
        }
        _ranges.RemoveRange(last + 1, _ranges.Count - last - 1);
        _isMerged = true;
    }
}
