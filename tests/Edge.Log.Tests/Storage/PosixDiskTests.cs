using Edge.Log.Storage;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Storage;

/// <summary>Real files. What a power cut does to them is the business of the simulated disk and of the crash tests; here: the calls and their errors.</summary>
public sealed class PosixDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly PosixDisk _disk;

    public PosixDiskTests() => _disk = new PosixDisk(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void File_WrittenAndSynced_ReadsBackAnywhere()
    {
        byte[] content = new byte[100_000];
        new SeededRandom(1).Fill(content);
        using (IDiskFile file = _disk.Open("a", DiskOpenMode.CreateNew))
        {
            file.Write(0, content.AsSpan(0, 60_000));
            file.Write(60_000, content.AsSpan(60_000));
            file.Sync();
            Assert.Equal(100_000, file.Length);
        }
        _disk.SyncDirectory();
        using IDiskFile again = _disk.Open("a", DiskOpenMode.Read);
        byte[] part = new byte[200];
        Assert.Equal(200, again.Read(59_900, part));
        Assert.Equal(content[59_900..60_100], part);
        Assert.Equal(50, again.Read(99_950, part));
        Assert.Equal(0, again.Read(100_000, part));
        Assert.Equal(0, again.Read(1_000_000, part));
    }

    [Fact]
    public void Preallocate_NewFile_ReadsZerosAndNeverShrinks()
    {
        using IDiskFile file = _disk.Open("a", DiskOpenMode.CreateNew);
        file.Write(0, [1, 2, 3]);
        file.Preallocate(10_000);
        Assert.Equal(10_000, file.Length);
        file.Preallocate(5_000);
        Assert.Equal(10_000, file.Length);
        byte[] content = new byte[10_000];
        Assert.Equal(10_000, file.Read(0, content));
        Assert.Equal([1, 2, 3, 0], content[..4]);
        Assert.Equal(-1, content.AsSpan(3).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Truncate_Shorter_CutsAndLongerReadsZeros()
    {
        using IDiskFile file = _disk.Open("a", DiskOpenMode.CreateNew);
        file.Write(0, [1, 2, 3, 4]);
        file.Truncate(2);
        file.Truncate(4);
        byte[] content = new byte[5];
        Assert.Equal(4, file.Read(0, content));
        Assert.Equal([1, 2, 0, 0, 0], content);
    }

    [Fact]
    public void Names_CreatedRenamedUnlinked_AreListedInOrdinalOrder()
    {
        foreach (string name in (string[])["b", "a", "B"]) _disk.Open(name, DiskOpenMode.CreateNew).Dispose();
        Assert.Equal(["B", "a", "b"], _disk.List());
        _disk.Rename("b", "c");
        _disk.Rename("c", "a"); // replaces
        _disk.Unlink("B");
        _disk.SyncDirectory();
        Assert.Equal(["a"], _disk.List());
        Assert.True(_disk.Exists("a"));
        Assert.False(_disk.Exists("b"));
    }

    [Fact]
    public void Unlink_OpenFile_StaysReadable()
    {
        using IDiskFile file = _disk.Open("a", DiskOpenMode.CreateNew);
        file.Write(0, [7]);
        _disk.Unlink("a");
        byte[] one = new byte[1];
        Assert.Equal(1, file.Read(0, one));
        Assert.Equal(7, one[0]);
    }

    [Fact]
    public void Calls_ThatFail_CarryOperationAndErrno()
    {
        _disk.Open("a", DiskOpenMode.CreateNew).Dispose();
        AssertFails("open", Errno.NotFound, () => _disk.Open("missing", DiskOpenMode.Read));
        AssertFails("open", Errno.NotFound, () => _disk.Open("missing", DiskOpenMode.ReadWrite));
        AssertFails("open", Errno.Exists, () => _disk.Open("a", DiskOpenMode.CreateNew));
        AssertFails("rename", Errno.NotFound, () => _disk.Rename("missing", "b"));
        AssertFails("unlink", Errno.NotFound, () => _disk.Unlink("missing"));
        using IDiskFile file = _disk.Open("a", DiskOpenMode.Read);
        AssertFails("pwrite", 9 /* EBADF */, () => file.Write(0, [1]));
    }

    // /dev/full refuses every write with ENOSPC and every fdatasync with EINVAL, which the BCL's own flush calls keep to themselves.
    [Fact]
    public void WriteAndSync_OnADeviceThatRefuses_Report()
    {
        PosixDisk devices = new("/dev");
        using IDiskFile full = devices.Open("full", DiskOpenMode.ReadWrite);
        AssertFails("pwrite", Errno.NoSpace, () => full.Write(0, [1]));
        AssertFails("fdatasync", Errno.Invalid, full.Sync);
    }

    [Fact]
    public void SyncDirectory_DirectoryGone_Reports()
    {
        string path = Path.Combine(_directory.Path, "below");
        PosixDisk disk = new(path);
        disk.SyncDirectory();
        Directory.Delete(path);
        AssertFails("open", Errno.NotFound, disk.SyncDirectory);
    }

    [Fact]
    public void Space_OfTheFileSystem_IsPositiveAndFits()
    {
        Assert.InRange(_disk.FreeBytes, 1, _disk.TotalBytes);
    }

    [Fact]
    public void Acquire_SecondLockOnTheDirectory_NamesItAndFails()
    {
        using (DirectoryLock.Acquire(_directory.Path))
            Assert.Contains(_directory.Path, Assert.Throws<DirectoryInUseException>(() => DirectoryLock.Acquire(_directory.Path)).Message, StringComparison.Ordinal);
        DirectoryLock.Acquire(_directory.Path).Dispose();
    }

    [Fact]
    public void FaultyDisk_PlannedFault_HidesTheRealFileBehindItsErrno()
    {
        FaultPlan faults = new();
        FaultyDisk disk = new(_disk, faults.Add(new FaultRule(DiskOperations.Sync, 2, Errno.Io)));
        using IDiskFile file = disk.Open("a", DiskOpenMode.CreateNew);
        file.Write(0, [1]);
        file.Sync();
        AssertFails("fdatasync", Errno.Io, file.Sync);
        file.Sync();
        Assert.Equal(1, faults.Failures);
    }

    private static void AssertFails(string operation, int errno, Action call)
    {
        DiskException e = Assert.Throws<DiskException>(call);
        Assert.Equal((operation, errno), (e.Operation, e.ErrnoValue));
        Assert.Contains($"errno {errno}", e.Message, StringComparison.Ordinal);
    }
}
