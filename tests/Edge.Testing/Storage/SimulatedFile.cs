using Edge.Log.Storage;

namespace Edge.Testing.Storage;

/// <summary>An open file of a <see cref="SimulatedDisk"/>. Stays usable after its name was unlinked, as on Linux.</summary>
internal sealed class SimulatedFile(SimulatedDisk disk, string name, SimulatedInode inode, bool isWritable) : IDiskFile
{
    private bool _disposed;

    public string Name => name;

    public long Length
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return disk.Length(inode);
        }
    }

    public int Read(long position, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return disk.Read(inode, name, position, destination);
    }

    public void Write(long position, ReadOnlySpan<byte> source)
    {
        CheckWritable();
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        disk.Write(inode, name, position, source);
    }

    public void Preallocate(long length)
    {
        CheckWritable();
        disk.Preallocate(inode, name, length);
    }

    public void Truncate(long length)
    {
        CheckWritable();
        disk.Truncate(inode, name, length);
    }

    public void Sync()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        disk.Sync(inode, name);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        disk.Close();
    }

    private void CheckWritable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!isWritable) throw new InvalidOperationException($"'{name}' is open for reading.");
    }
}
