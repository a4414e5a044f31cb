using Microsoft.Win32.SafeHandles;

namespace Edge.Log.Storage;

/// <summary>A file of a <see cref="PosixDisk"/>.</summary>
internal sealed class PosixFile(SafeFileHandle handle, string path) : IDiskFile
{
    public string Name { get; } = System.IO.Path.GetFileName(path);

    public long Length => RandomAccess.GetLength(handle);

    public int Read(long position, Span<byte> destination) => Posix.Read(handle, path, position, destination);

    public void Write(long position, ReadOnlySpan<byte> source) => Posix.Write(handle, path, position, source);

    public void Preallocate(long length) => Posix.Allocate(handle, path, length);

    public void Truncate(long length) => Posix.Truncate(handle, path, length);

    public void Sync() => Posix.DataSync(handle, path);

    public void Dispose() => handle.Dispose();
}
