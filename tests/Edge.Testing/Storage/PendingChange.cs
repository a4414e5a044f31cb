namespace Edge.Testing.Storage;

/// <summary>One change of a file that no sync has covered yet.</summary>
/// <param name="Data">Bytes written; null = zeros (pre-writing would otherwise copy whole segments), or a change of size when <paramref name="IsResize"/>.</param>
/// <param name="Length">Bytes written, or the new size.</param>
internal readonly record struct PendingChange(long Position, byte[]? Data, long Length, bool IsResize)
{
    public void Apply(SparseImage image) => Apply(image, 0, Length);

    /// <summary>Applies the bytes [from, to) of a write; a change of size as a whole.</summary>
    public void Apply(SparseImage image, long from, long to)
    {
        if (IsResize) image.SetLength(Length);
        else if (Data is null) image.WriteZeros(Position + from, to - from);
        else image.Write(Position + from, Data.AsSpan((int)from, (int)(to - from)));
    }
}
