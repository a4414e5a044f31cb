namespace Edge.Testing.Storage;

/// <summary>Content of a file in pages of 4096 bytes that copies share until one is written. Unallocated pages read as zero.</summary>
internal sealed class SparseImage
{
    public const int PageBytes = 4096;
    private static readonly byte[] Zeros = new byte[PageBytes]; // an allocated page of zeros; never written

    private byte[]?[] _pages;
    private ulong[] _owned; // bit set: no other image shares the page, so it may be written in place

    public SparseImage() : this([], [], 0) { }

    private SparseImage(byte[]?[] pages, ulong[] owned, long length) => (_pages, _owned, Length) = (pages, owned, length);

    public long Length { get; private set; }

    /// <summary>A copy in constant time per page; from now on both sides copy a page before they change it.</summary>
    public SparseImage Clone()
    {
        Array.Clear(_owned);
        return new SparseImage((byte[]?[])_pages.Clone(), new ulong[_owned.Length], Length);
    }

    public bool IsAllocated(long page) => page < _pages.Length && _pages[page] is not null;

    public int Read(long position, Span<byte> destination)
    {
        int total = (int)Math.Clamp(Length - position, 0, destination.Length);
        for (int done = 0; done < total;)
        {
            (int page, int at) = ((int)((position + done) / PageBytes), (int)((position + done) % PageBytes));
            int count = Math.Min(total - done, PageBytes - at);
            byte[]? bytes = page < _pages.Length ? _pages[page] : null;
            if (bytes is null || ReferenceEquals(bytes, Zeros)) destination.Slice(done, count).Clear();
            else bytes.AsSpan(at, count).CopyTo(destination[done..]);
            done += count;
        }
        return total;
    }

    public void Write(long position, ReadOnlySpan<byte> source)
    {
        EnsurePages(position + source.Length);
        while (!source.IsEmpty)
        {
            (int page, int at) = ((int)(position / PageBytes), (int)(position % PageBytes));
            int count = Math.Min(source.Length, PageBytes - at);
            source[..count].CopyTo(Writable(page, count == PageBytes).AsSpan(at));
            source = source[count..];
            position += count;
        }
        Length = Math.Max(Length, position);
    }

    /// <summary>Writes zeros without touching memory for whole pages; allocates like a write.</summary>
    public void WriteZeros(long position, long count)
    {
        EnsurePages(position + count);
        for (long end = position + count; position < end;)
        {
            (int page, int at) = ((int)(position / PageBytes), (int)(position % PageBytes));
            int part = (int)Math.Min(end - position, PageBytes - at);
            byte[]? bytes = _pages[page];
            if (part == PageBytes || bytes is null) Set(page, Zeros);
            else if (!ReferenceEquals(bytes, Zeros)) Writable(page, false).AsSpan(at, part).Clear();
            position += part;
        }
        Length = Math.Max(Length, position);
    }

    /// <summary>Allocates what is missing up to <paramref name="length"/>, which becomes the length when larger.</summary>
    public void Preallocate(long length)
    {
        EnsurePages(length);
        for (int page = 0; page < (length + PageBytes - 1) / PageBytes; page++)
        {
            if (_pages[page] is null) Set(page, Zeros);
        }
        Length = Math.Max(Length, length);
    }

    public void SetLength(long length)
    {
        int keep = (int)((length + PageBytes - 1) / PageBytes);
        for (int page = keep; page < _pages.Length; page++) Set(page, null);
        int tail = (int)(length % PageBytes);
        if (length < Length && tail > 0 && IsAllocated(keep - 1) && !ReferenceEquals(_pages[keep - 1], Zeros)) Writable(keep - 1, false).AsSpan(tail).Clear();
        Length = length;
    }

    /// <summary>Makes the pages of [position, end) and the length those of <paramref name="other"/>, by sharing.</summary>
    public void Share(SparseImage other, long position, long end)
    {
        EnsurePages(end);
        for (long page = position / PageBytes; page < (end + PageBytes - 1) / PageBytes && page < other._pages.Length; page++)
        {
            Set((int)page, other._pages[page]);
            other._owned[page / 64] &= ~(1UL << (int)(page % 64));
        }
        Length = other.Length;
    }

    private void Set(int page, byte[]? bytes)
    {
        _pages[page] = bytes;
        _owned[page / 64] &= ~(1UL << (page % 64));
    }

    private byte[] Writable(int page, bool overwritten)
    {
        byte[]? bytes = _pages[page];
        ulong bit = 1UL << (page % 64);
        if (bytes is not null && (_owned[page / 64] & bit) != 0) return bytes;
        byte[] own = new byte[PageBytes];
        if (!overwritten && bytes is not null) bytes.CopyTo(own.AsSpan());
        _pages[page] = own;
        _owned[page / 64] |= bit;
        return own;
    }

    private void EnsurePages(long length)
    {
        int pages = (int)((length + PageBytes - 1) / PageBytes);
        if (pages <= _pages.Length) return;
        pages = Math.Max(pages, Math.Min(_pages.Length * 2, 1 << 16));
        Array.Resize(ref _pages, pages);
        Array.Resize(ref _owned, (pages + 63) / 64);
    }
}
