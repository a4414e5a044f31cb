using Edge.Log.Storage;

namespace Edge.Testing.Storage;

/// <summary>A directory in memory that forgets what was not synced: deterministic from a seed, able to lose power at any I/O operation and to fail like a real disk.</summary>
/// <remarks>
/// Thread-safe. Crash points are cheap: <see cref="BeforeOperation"/> may take a <see cref="Snapshot"/> (pages are shared until written), so that one run of a
/// workload yields the disk at every power cut, and each of them any number of images.
/// </remarks>
public sealed class SimulatedDisk : IDisk
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, SimulatedInode> _names;
    private readonly Dictionary<string, SimulatedInode> _durableNames;
    private readonly List<DirectoryChange> _changes = [];
    private readonly SeededRandom _random;
    private bool _crashed;

    public SimulatedDisk(ulong seed = 1) : this(new SortedDictionary<string, SimulatedInode>(StringComparer.Ordinal), seed) { }

    internal SimulatedDisk(SortedDictionary<string, SimulatedInode> names, ulong seed)
    {
        _names = names;
        _durableNames = new Dictionary<string, SimulatedInode>(names);
        _random = new SeededRandom(seed);
    }

    /// <summary>Planned failures.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>Number of mutating operations begun so far.</summary>
    public long Operations { get; private set; }

    /// <summary>The power fails before the operation of this number (from 1). 0: never.</summary>
    public long CrashAt { get; set; }

    /// <summary>Called under the disk's lock before each mutating operation, with its number and kind.</summary>
    public Action<long, DiskOperations>? BeforeOperation { get; set; }

    /// <summary>After a failed sync the cache shows what is on the medium, as if the pages had been evicted. Otherwise it goes on showing what was written.</summary>
    public bool EvictsOnFailedSync { get; set; }

    /// <summary>Space for files, in whole pages of 4096 bytes; beyond it ENOSPC.</summary>
    public long CapacityBytes { get; set; } = 1L << 40;

    /// <summary>Open files that were not disposed.</summary>
    public int OpenFiles { get; private set; }

    /// <summary>Bytes given to Write so far.</summary>
    public long BytesWritten { get; private set; }

    public long TotalBytes => CapacityBytes;

    public long FreeBytes
    {
        get { lock (_lock) return Math.Max(0, CapacityBytes - UsedBytes()); }
    }

    /// <summary>The disk as a power cut at this moment would leave it.</summary>
    public DiskSnapshot Snapshot()
    {
        lock (_lock) return new DiskSnapshot(Operations + 1, _durableNames, _changes);
    }

    public IDiskFile Open(string name, DiskOpenMode mode)
    {
        lock (_lock)
        {
            bool create = mode == DiskOpenMode.CreateNew;
            Begin(create ? DiskOperations.Create : DiskOperations.Open, "open", name);
            bool exists = _names.TryGetValue(name, out SimulatedInode? inode);
            if (create && exists) throw new DiskException("open", name, Errno.Exists);
            if (!create && !exists) throw new DiskException("open", name, Errno.NotFound);
            if (create) ChangeDirectory(new DirectoryChange(inode = new SimulatedInode(), null, name));
            OpenFiles++;
            return new SimulatedFile(this, name, inode!, mode != DiskOpenMode.Read);
        }
    }

    public bool Exists(string name)
    {
        lock (_lock)
        {
            ThrowIfCrashed();
            return _names.ContainsKey(name);
        }
    }

    public IReadOnlyList<string> List()
    {
        lock (_lock)
        {
            Begin(DiskOperations.List, "readdir", ".");
            return [.. _names.Keys];
        }
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            Begin(DiskOperations.Rename, "rename", from);
            if (!_names.TryGetValue(from, out SimulatedInode? inode)) throw new DiskException("rename", from, Errno.NotFound);
            if (from != to) ChangeDirectory(new DirectoryChange(inode, from, to));
        }
    }

    public void Unlink(string name)
    {
        lock (_lock)
        {
            Begin(DiskOperations.Unlink, "unlink", name);
            if (!_names.TryGetValue(name, out SimulatedInode? inode)) throw new DiskException("unlink", name, Errno.NotFound);
            ChangeDirectory(new DirectoryChange(inode, name, null));
        }
    }

    public void SyncDirectory()
    {
        lock (_lock)
        {
            Begin(DiskOperations.SyncDirectory, "fsync", ".");
            foreach (DirectoryChange change in _changes) change.Apply(_durableNames, static inode => inode);
            _changes.Clear();
        }
    }

    /// <summary>Flips bits of a stored byte, on the medium and in the cache: bit rot. Not an operation.</summary>
    public void Rot(string name, long position, byte flip)
    {
        lock (_lock)
        {
            SimulatedInode inode = _names[name];
            Span<byte> one = stackalloc byte[1];
            if (inode.Current.Read(position, one) == 0) throw new ArgumentOutOfRangeException(nameof(position), position, $"Past the end of {name}.");
            one[0] ^= flip;
            inode.Rot(position, one);
        }
    }

    /// <summary>Content of a file as the cache shows it. Not an operation.</summary>
    public byte[] ReadAll(string name)
    {
        lock (_lock)
        {
            byte[] content = new byte[_names[name].Current.Length];
            _names[name].Current.Read(0, content);
            return content;
        }
    }

    internal long Length(SimulatedInode inode)
    {
        lock (_lock)
        {
            ThrowIfCrashed();
            return inode.Current.Length;
        }
    }

    internal int Read(SimulatedInode inode, string name, long position, Span<byte> destination)
    {
        lock (_lock)
        {
            Begin(DiskOperations.Read, "pread", name);
            return inode.Current.Read(position, destination);
        }
    }

    internal void Write(SimulatedInode inode, string name, long position, ReadOnlySpan<byte> source)
    {
        lock (_lock)
        {
            bool fails = Enter(DiskOperations.Write, name, out int errno);
            if (!fails && !HasRoom(inode, position, position + source.Length)) (fails, errno) = (true, Errno.NoSpace);
            // A write that fails may have written a part: pwrite was short first, then the error came.
            if (fails) source = errno == Errno.ReadOnly ? default : source[..(_random.Next(source.Length + 1) & ~511)];
            if (fails && !HasRoom(inode, position, position + source.Length)) source = default;
            if (source.Length > 0) inode.Write(position, source);
            BytesWritten += source.Length;
            if (fails) throw new DiskException("pwrite", name, errno);
        }
    }

    internal void Preallocate(SimulatedInode inode, string name, long length)
    {
        lock (_lock)
        {
            Begin(DiskOperations.Preallocate, "fallocate", name);
            if (!HasRoom(inode, 0, length)) throw new DiskException("fallocate", name, Errno.NoSpace);
            inode.Preallocate(length);
        }
    }

    internal void Truncate(SimulatedInode inode, string name, long length)
    {
        lock (_lock)
        {
            Begin(DiskOperations.Truncate, "ftruncate", name);
            inode.SetLength(length);
        }
    }

    internal void Sync(SimulatedInode inode, string name)
    {
        lock (_lock)
        {
            if (Enter(DiskOperations.Sync, name, out int errno))
            {
                inode.FailSync(_random, EvictsOnFailedSync);
                throw new DiskException("fdatasync", name, errno);
            }
            inode.Sync();
        }
    }

    internal void Close()
    {
        lock (_lock) OpenFiles--;
    }

    private void Begin(DiskOperations operation, string call, string name)
    {
        if (Enter(operation, name, out int errno)) throw new DiskException(call, name, errno);
    }

    /// <summary>Counts the operation; throws when the power is gone, returns true when it has to fail.</summary>
    private bool Enter(DiskOperations operation, string name, out int errno)
    {
        ThrowIfCrashed();
        if ((operation & DiskOperations.Mutating) != 0)
        {
            long number = Operations + 1;
            BeforeOperation?.Invoke(number, operation);
            _crashed = number == CrashAt;
            ThrowIfCrashed();
            Operations = number;
        }
        return Faults.ShouldFail(operation, name, out errno);
    }

    private void ThrowIfCrashed()
    {
        if (_crashed) throw new SimulatedCrashException(CrashAt);
    }

    internal void ChangeDirectory(DirectoryChange change)
    {
        change.Apply(_names, static inode => inode);
        _changes.Add(change);
    }

    private bool HasRoom(SimulatedInode inode, long from, long to)
    {
        if (CapacityBytes >= 1L << 40) return true;
        long missing = 0;
        for (long page = from / SparseImage.PageBytes; page * SparseImage.PageBytes < to; page++) missing += inode.Current.IsAllocated(page) ? 0 : SparseImage.PageBytes;
        return missing == 0 || UsedBytes() + missing <= CapacityBytes;
    }

    private long UsedBytes()
    {
        long pages = 0;
        foreach (SimulatedInode inode in _names.Values)
        {
            for (long page = 0; page * SparseImage.PageBytes < inode.Current.Length; page++) pages += inode.Current.IsAllocated(page) ? 1 : 0;
        }
        return pages * SparseImage.PageBytes;
    }
}
