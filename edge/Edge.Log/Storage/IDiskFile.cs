namespace Edge.Log.Storage;

/// <summary>An open file of an <see cref="IDisk"/>. Reads are thread-safe; writes have one owner.</summary>
public interface IDiskFile : IDisposable
{
    string Name { get; }

    /// <summary>Size in bytes as the file system sees it now.</summary>
    long Length { get; }

    /// <summary>pread. Fills <paramref name="destination"/> unless the file ends before.</summary>
    /// <returns>Bytes read; less than asked only at the end of the file.</returns>
    int Read(long position, Span<byte> destination);

    /// <summary>pwrite of all bytes; short writes are completed.</summary>
    void Write(long position, ReadOnlySpan<byte> source);

    /// <summary>Allocates blocks so that the file is at least <paramref name="length"/> bytes long. New bytes read as zero.</summary>
    void Preallocate(long length);

    /// <summary>Cuts or extends the file to <paramref name="length"/> bytes.</summary>
    void Truncate(long length);

    /// <summary>fdatasync: data and the size needed to read it are on stable storage when this returns. After a failure the file must never be synced again and believed.</summary>
    void Sync();
}
