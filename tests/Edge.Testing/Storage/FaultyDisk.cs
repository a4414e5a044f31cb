using Edge.Log.Storage;

namespace Edge.Testing.Storage;

/// <summary>Puts a <see cref="FaultPlan"/> in front of a real disk: the same failures as on <see cref="SimulatedDisk"/>, on real files.</summary>
public sealed class FaultyDisk(IDisk inner, FaultPlan faults) : IDisk
{
    public long FreeBytes => inner.FreeBytes;
    public long TotalBytes => inner.TotalBytes;

    public IDiskFile Open(string name, DiskOpenMode mode)
    {
        Check(mode == DiskOpenMode.CreateNew ? DiskOperations.Create : DiskOperations.Open, "open", name);
        return new FaultyFile(this, inner.Open(name, mode));
    }

    public bool Exists(string name) => inner.Exists(name);

    public IReadOnlyList<string> List()
    {
        Check(DiskOperations.List, "readdir", ".");
        return inner.List();
    }

    public void Rename(string from, string to)
    {
        Check(DiskOperations.Rename, "rename", from);
        inner.Rename(from, to);
    }

    public void Unlink(string name)
    {
        Check(DiskOperations.Unlink, "unlink", name);
        inner.Unlink(name);
    }

    public void SyncDirectory()
    {
        Check(DiskOperations.SyncDirectory, "fsync", ".");
        inner.SyncDirectory();
    }

    private void Check(DiskOperations operation, string call, string name)
    {
        if (faults.ShouldFail(operation, name, out int errno)) throw new DiskException(call, name, errno);
    }

    private sealed class FaultyFile(FaultyDisk disk, IDiskFile file) : IDiskFile
    {
        public string Name => file.Name;
        public long Length => file.Length;

        public int Read(long position, Span<byte> destination)
        {
            disk.Check(DiskOperations.Read, "pread", Name);
            return file.Read(position, destination);
        }

        public void Write(long position, ReadOnlySpan<byte> source)
        {
            disk.Check(DiskOperations.Write, "pwrite", Name);
            file.Write(position, source);
        }

        public void Preallocate(long length)
        {
            disk.Check(DiskOperations.Preallocate, "fallocate", Name);
            file.Preallocate(length);
        }

        public void Truncate(long length)
        {
            disk.Check(DiskOperations.Truncate, "ftruncate", Name);
            file.Truncate(length);
        }

        public void Sync()
        {
            disk.Check(DiskOperations.Sync, "fdatasync", Name);
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}
