namespace Edge.Testing.Storage;

/// <summary>The disk at the moment of a power cut. Immutable; any number of images can be made from it, each from its own seed.</summary>
public sealed class DiskSnapshot
{
    private readonly Dictionary<SimulatedInode, InodeSnapshot> _files = [];
    private readonly KeyValuePair<string, SimulatedInode>[] _durableNames;
    private readonly DirectoryChange[] _changes;
    private readonly bool _isClean;

    internal DiskSnapshot(long operation, Dictionary<string, SimulatedInode> durableNames, List<DirectoryChange> changes)
    {
        Operation = operation;
        _durableNames = [.. durableNames];
        _changes = [.. changes];
        foreach ((_, SimulatedInode inode) in _durableNames) _files[inode] = inode.Snapshot();
        foreach (DirectoryChange change in _changes)
        {
            if (!_files.ContainsKey(change.Inode)) _files[change.Inode] = change.Inode.Snapshot();
        }
        _isClean = _changes.Length == 0 && _files.Values.All(f => f.Count == 0);
    }

    /// <summary>The mutating I/O operation that was about to run; 0 = taken by hand.</summary>
    public long Operation { get; }

    /// <summary>True when nothing is un-synced: every variant gives the same image.</summary>
    public bool IsClean => _isClean;

    /// <summary>The disk as the next boot finds it.</summary>
    /// <param name="damagePageBytes">512 or 4096: bytes that were durable, on pages an un-synced write touches, may be damaged too (media for which <c>Commit:PadBytes</c> exists). 0: never.</param>
    public SimulatedDisk Restore(CrashVariant variant, ulong seed, int damagePageBytes = 0)
    {
        SeededRandom random = SeededRandom.Derive(seed, ((ulong)Operation * 31) + (ulong)variant);
        Dictionary<SimulatedInode, SimulatedInode> images = new(_files.Count);
        foreach ((SimulatedInode inode, InodeSnapshot file) in _files)
        {
            SparseImage image = CrashImage.Of(file, variant, random);
            if (damagePageBytes > 0) DamagePages(file, image, damagePageBytes, random);
            images[inode] = new SimulatedInode(image);
        }
        SortedDictionary<string, SimulatedInode> names = new(StringComparer.Ordinal);
        foreach ((string name, SimulatedInode inode) in _durableNames) names[name] = images[inode];
        KeepNames(names, images, variant, random);
        return new SimulatedDisk(names, random.NextBits());
    }

    /// <summary>The disk as a killed process leaves it: nothing is lost yet, but what was not synced is still not synced.</summary>
    public SimulatedDisk RestoreAfterKill(ulong seed)
    {
        Dictionary<SimulatedInode, SimulatedInode> images = new(_files.Count);
        foreach ((SimulatedInode inode, InodeSnapshot file) in _files) images[inode] = new SimulatedInode(file);
        SortedDictionary<string, SimulatedInode> names = new(StringComparer.Ordinal);
        foreach ((string name, SimulatedInode inode) in _durableNames) names[name] = images[inode];
        SimulatedDisk disk = new(names, seed);
        foreach (DirectoryChange change in _changes) disk.ChangeDirectory(change with { Inode = images[change.Inode] });
        return disk;
    }

    private void KeepNames(SortedDictionary<string, SimulatedInode> names, Dictionary<SimulatedInode, SimulatedInode> images, CrashVariant variant, SeededRandom random)
    {
        int mode = variant switch
        {
            CrashVariant.NothingKept or CrashVariant.DataOnly => 0,
            CrashVariant.EverythingKept or CrashVariant.NamesOnly => 1,
            _ => random.Next(4),
        };
        int prefix = random.Next(_changes.Length + 1);
        for (int i = 0; i < _changes.Length; i++)
        {
            bool keep = mode switch { 0 => false, 1 => true, 2 => i < prefix, _ => random.Chance(50) };
            if (keep) _changes[i].Apply(names, inode => images[inode]);
        }
    }

    private static void DamagePages(InodeSnapshot file, SparseImage image, int pageBytes, SeededRandom random)
    {
        Span<byte> garbage = stackalloc byte[4096];
        for (int i = 0; i < file.Count; i++)
        {
            PendingChange change = file.Pending[i];
            if (change.Data is null || random.Chance(70)) continue;
            // First or last page of the write: those are shared with what was durable before.
            long at = random.Chance(50) ? change.Position : change.Position + change.Length - 1;
            long page = at / pageBytes * pageBytes;
            int count = (int)Math.Min(pageBytes, image.Length - page);
            if (count <= 0) continue;
            random.Fill(garbage[..count]);
            image.Write(page, garbage[..count]);
        }
    }
}
