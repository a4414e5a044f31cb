using Edge.Log.Storage;

namespace Edge.Mqtt.Tests.Support;

/// <summary>A disk whose syncs can be held back, to see what happens before a commit; or made to fail.</summary>
internal sealed class HeldDisk(IDisk inner) : IDisk, IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private readonly object _gate = new();
    private bool _isHeld;

    /// <summary>Syncs that wait now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);
    private int _waiting;

    public bool FailSyncs { get; set; }

    public void Hold()
    {
        lock (_gate) _isHeld = true;
    }

    public void LetGo()
    {
        lock (_gate)
        {
            _isHeld = false;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Holds nothing back any more; the journal's stop still writes through it.</summary>
    public void Dispose() => LetGo();

    public IDiskFile Open(string name, DiskOpenMode mode) => new HeldFile(this, inner.Open(name, mode));
    public bool Exists(string name) => inner.Exists(name);
    public IReadOnlyList<string> List() => inner.List();
    public void Rename(string from, string to) => inner.Rename(from, to);
    public void Unlink(string name) => inner.Unlink(name);
    public void SyncDirectory() => inner.SyncDirectory();
    public long FreeBytes => inner.FreeBytes;
    public long TotalBytes => inner.TotalBytes;

    private sealed class HeldFile(HeldDisk disk, IDiskFile file) : IDiskFile
    {
        public string Name => file.Name;
        public long Length => file.Length;
        public int Read(long position, Span<byte> destination) => file.Read(position, destination);
        public void Write(long position, ReadOnlySpan<byte> source) => file.Write(position, source);
        public void Preallocate(long length) => file.Preallocate(length);
        public void Truncate(long length) => file.Truncate(length);
        public void Dispose() => file.Dispose();

        public void Sync()
        {
            Interlocked.Increment(ref disk._waiting);
            try
            {
                lock (disk._gate)
                    while (disk._isHeld && Monitor.Wait(disk._gate, Longest)) { }
            }
            finally { Interlocked.Decrement(ref disk._waiting); }
            if (disk.FailSyncs) throw new DiskException("fdatasync", file.Name, Errno.Io);
            file.Sync();
        }
    }
}
