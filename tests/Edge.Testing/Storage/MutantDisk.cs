using Edge.Log.Storage;

namespace Edge.Testing.Storage;

/// <summary>Plants one bug into what reaches a disk.</summary>
public sealed class MutantDisk(IDisk inner, DiskMutation mutation) : IDisk
{
    private int _syncs, _writes;
    private IDiskFile? _owed;

    public long FreeBytes => inner.FreeBytes;
    public long TotalBytes => inner.TotalBytes;

    public IDiskFile Open(string name, DiskOpenMode mode) => new MutantFile(this, inner.Open(name, mode));

    public bool Exists(string name) => inner.Exists(name);

    public IReadOnlyList<string> List()
    {
        IReadOnlyList<string> names = inner.List();
        return mutation == DiskMutation.ListHidesTheLast && names.Count > 1 ? [.. names.Take(names.Count - 1)] : names;
    }

    public void Rename(string from, string to)
    {
        if (mutation != DiskMutation.RenameLost) inner.Rename(from, to);
    }

    public void Unlink(string name) => inner.Unlink(name);

    public void SyncDirectory()
    {
        if (mutation != DiskMutation.SyncDirectoryDoesNothing) inner.SyncDirectory();
    }

    private void Sync(IDiskFile file)
    {
        switch (mutation)
        {
            case DiskMutation.SyncDoesNothing: return;
            case DiskMutation.EverySecondSyncSkipped when ++_syncs % 2 == 0: return;
            case DiskMutation.SyncComesOneWriteLate: _owed = file; return;
        }
        try { file.Sync(); }
        catch (DiskException) when (mutation == DiskMutation.SyncFailureSwallowed) { }
        catch (DiskException) when (mutation == DiskMutation.SyncRetried) { file.Sync(); }
    }

    private void Write(IDiskFile file, long position, ReadOnlySpan<byte> source)
    {
        _owed?.Sync();
        _owed = null;
        if (mutation is DiskMutation.WriteLost or DiskMutation.WriteMisdirected or DiskMutation.WriteFlipsABit or DiskMutation.WriteShort && ++_writes % 7 == 0)
        {
            if (mutation == DiskMutation.WriteLost) return;
            byte[] copy = source.ToArray();
            if (mutation == DiskMutation.WriteFlipsABit) copy[copy.Length / 2] ^= 4;
            file.Write(position + (mutation == DiskMutation.WriteMisdirected ? 512 : 0), mutation == DiskMutation.WriteShort ? copy.AsSpan(..Math.Max(0, copy.Length - 4)) : copy);
            return;
        }
        try { file.Write(position, source); }
        catch (DiskException) when (mutation == DiskMutation.WriteFailureSwallowed) { }
    }

    private int Read(IDiskFile file, long position, Span<byte> destination)
    {
        int read = file.Read(position, destination);
        if (mutation == DiskMutation.ReadReturnsStaleSector && read >= 1024) destination[(read - 512)..read].Clear();
        return read;
    }

    private void Close(IDiskFile file)
    {
        if (_owed != file) return;
        _owed = null;
        file.Sync();
    }

    private sealed class MutantFile(MutantDisk disk, IDiskFile file) : IDiskFile
    {
        public string Name => file.Name;
        public long Length => file.Length;
        public int Read(long position, Span<byte> destination) => disk.Read(file, position, destination);
        public void Write(long position, ReadOnlySpan<byte> source) => disk.Write(file, position, source);
        public void Preallocate(long length) => file.Preallocate(length);
        public void Truncate(long length) => file.Truncate(length);
        public void Sync() => disk.Sync(file);
        
        public void Dispose()
        {
            disk.Close(file);
            file.Dispose();
        }
    }
}
