using Edge.Log.Storage;

namespace Edge.Log.Tools;

/// <summary>One file of a backup, readable although the journal goes on.</summary>
public sealed class BackupFile
{
    private readonly byte[] _content = [];
    private readonly IDiskFile? _file;
    private Action? _release;

    internal BackupFile(string name, byte[] content)
    {
        (Name, _content) = (name, content);
        Length = FileLength = content.Length;
    }

    internal BackupFile(string name, IDiskFile file, long length, long fileLength, Action release) => (Name, _file, Length, FileLength, _release) = (name, file, length, fileLength, release);

    /// <summary>Name in the journal's directory.</summary>
    public string Name { get; }

    /// <summary>Bytes to copy.</summary>
    public long Length { get; }

    /// <summary>Size of the file: what lies behind <see cref="Length"/> is zero.</summary>
    public long FileLength { get; }

    /// <summary>Fills <paramref name="destination"/> as far as the bytes to copy go.</summary>
    /// <exception cref="DiskException">The disk failed.</exception>
    public int Read(long position, Span<byte> destination)
    {
        int want = (int)Math.Min(destination.Length, Math.Max(0, Length - position));
        if (_file is { } file) return file.Read(position, destination[..want]);
        _content.AsSpan((int)position, want).CopyTo(destination);
        return want;
    }

    /// <summary>Lets the journal have it back; retention may then remove or recycle it.</summary>
    public void Release() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
