namespace Edge.CloudSync.Audit;

/// <summary>What is known of 1024 neighbouring offsets of a chain: three bits each, freed as soon as all were seen.</summary>
internal sealed class OffsetPage
{
    public const int Offsets = 1024;
    private const int Words = Offsets / 64;

    private ulong[]? _seen = new ulong[Words], _skipped, _named; // _seen null: all of them
    private int _seenCount;

    /// <returns>False when the offset was seen before.</returns>
    public bool TrySee(int at)
    {
        if (_seen is null) return false;
        ulong bit = 1ul << (at & 63);
        if ((_seen[at >> 6] & bit) != 0) return false;
        _seen[at >> 6] |= bit;
        if (++_seenCount == Offsets) _seen = _skipped = _named = null;
        return true;
    }

    /// <summary>A record said that nothing was sent at this offset.</summary>
    public void Skip(int at)
    {
        if (_seen is not null) Set(ref _skipped, at);
    }

    /// <summary>A record said that this offset was sent.</summary>
    public void Name(int at)
    {
        if (_seen is not null && (_seen[at >> 6] & (1ul << (at & 63))) == 0) Set(ref _named, at);
    }

    /// <summary>Finds what is missing within [from, to) of the page, as runs.</summary>
    /// <param name="found">Gets each run (end exclusive) and whether records named it as sent; unexplained runs are not named.</param>
    public void Missing(long pageStart, int from, int to, Action<long, long, bool> found)
    {
        if (_seen is null) return;
        int at = from;
        while (at < to)
        {
            int kind = KindOf(at);
            int end = at + 1;
            while (end < to && KindOf(end) == kind) end++;
            if (kind > 0) found(pageStart + at, pageStart + end, kind == 2);
            at = end;
        }
    }

    /// <summary>0: seen or skipped; 1: unexplained; 2: named as sent.</summary>
    private int KindOf(int at)
    {
        int word = at >> 6;
        ulong bit = 1ul << (at & 63);
        if ((_seen![word] & bit) != 0) return 0;
        if (_named is not null && (_named[word] & bit) != 0) return 2;
        return _skipped is not null && (_skipped[word] & bit) != 0 ? 0 : 1;
    }

    private static void Set(ref ulong[]? bits, int at) => (bits ??= new ulong[Words])[at >> 6] |= 1ul << (at & 63);
}
