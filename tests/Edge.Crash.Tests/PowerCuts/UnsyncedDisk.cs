using Edge.Log.Storage;

namespace Edge.Crash.Tests.PowerCuts;

/// <summary>A disk whose syncs do nothing: what a journal on it acknowledges a power cut takes. The control of the power-cut test.</summary>
internal sealed class UnsyncedDisk(IDisk disk) : IDisk
{
    public long FreeBytes => disk.FreeBytes;
    public long TotalBytes => disk.TotalBytes;
    public IDiskFile Open(string name, DiskOpenMode mode) => new File(disk.Open(name, mode));
    public bool Exists(string name) => disk.Exists(name);
    public IReadOnlyList<string> List() => disk.List();
    public void Rename(string from, string to) => disk.Rename(from, to);
    public void Unlink(string name) => disk.Unlink(name);

    public void SyncDirectory()
    {
        // the planted fault
    }

    private sealed class File(IDiskFile file) : IDiskFile
    {
        public string Name => file.Name;
        public long Length => file.Length;
        public int Read(long position, Span<byte> destination) => file.Read(position, destination);
        public void Write(long position, ReadOnlySpan<byte> source) => file.Write(position, source);
        public void Preallocate(long length) => file.Preallocate(length);
        public void Truncate(long length) => file.Truncate(length);

        public void Sync()
        {
            // the planted fault
        }

        public void Dispose() => file.Dispose();
    }
}
