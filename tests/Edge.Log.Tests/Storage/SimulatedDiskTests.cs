using Edge.Log.Storage;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Storage;

/// <summary>The simulated disk has to be as unkind as a real one: what these tests pin down is what the journal's proof rests on.</summary>
public sealed class SimulatedDiskTests
{
    [Fact]
    public void Restore_SyncedFileAndName_SurvivesEveryVariant()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", [1, 2, 3]);
        file.Sync();
        disk.SyncDirectory();
        foreach (CrashVariant variant in Enum.GetValues<CrashVariant>()) Assert.Equal([1, 2, 3], disk.Snapshot().Restore(variant, 5).ReadAll("a"));
        Assert.True(disk.Snapshot().IsClean);
    }

    [Fact]
    public void Restore_NothingSynced_LosesBytesAndNamesSeparately()
    {
        SimulatedDisk disk = new(1);
        Create(disk, "a", [1, 2, 3]);
        DiskSnapshot cut = disk.Snapshot();
        Assert.Empty(cut.Restore(CrashVariant.NothingKept, 1).List());
        Assert.Empty(cut.Restore(CrashVariant.NamesOnly, 1).ReadAll("a"));
        Assert.Empty(cut.Restore(CrashVariant.DataOnly, 1).List());
        Assert.Equal([1, 2, 3], cut.Restore(CrashVariant.EverythingKept, 1).ReadAll("a"));
    }

    [Fact]
    public void Restore_RenameWithoutDirectorySync_LeavesEitherName()
    {
        SimulatedDisk disk = new(1);
        Create(disk, "a", [1]).Sync();
        disk.SyncDirectory();
        disk.Rename("a", "b");
        HashSet<string> seen = [];
        for (ulong seed = 0; seed < 50; seed++) seen.Add(string.Join(',', disk.Snapshot().Restore(CrashVariant.SectorSubset, seed).List()));
        Assert.Equal(["a", "b"], seen.Order());
    }

    [Fact]
    public void Restore_TwoSectorsWritten_GivesEverySubset()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", new byte[1024]);
        file.Sync();
        disk.SyncDirectory();
        file.Write(0, [.. Enumerable.Repeat((byte)7, 1024)]);
        HashSet<(byte, byte)> seen = [];
        for (ulong seed = 0; seed < 200; seed++)
        {
            byte[] content = disk.Snapshot().Restore(CrashVariant.SectorSubset, seed).ReadAll("a");
            seen.Add((content[0], content[512]));
        }
        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public void Restore_Prefix_CutsTheLastWriteAtABytesOrSectorsEnd()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", []);
        disk.SyncDirectory();
        file.Write(0, [.. Enumerable.Repeat((byte)7, 2000)]);
        HashSet<int> lengths = [];
        for (ulong seed = 0; seed < 200; seed++) lengths.Add(disk.Snapshot().Restore(CrashVariant.Prefix, seed).ReadAll("a").Length);
        Assert.Contains(512, lengths);
        Assert.Contains(lengths, l => l % 512 != 0 && l < 2000);
    }

    [Fact]
    public void Restore_SizeWithoutData_KeepsTheSizeAndReadsZeros()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", [1]);
        file.Sync();
        disk.SyncDirectory();
        file.Write(1, [.. Enumerable.Repeat((byte)9, 99)]);
        HashSet<int> zeros = [];
        for (ulong seed = 0; seed < 100; seed++)
        {
            byte[] content = disk.Snapshot().Restore(CrashVariant.SizeWithoutData, seed).ReadAll("a");
            Assert.Equal(100, content.Length);
            zeros.Add(content.Count(b => b == 0));
        }
        Assert.Contains(99, zeros);
        Assert.True(zeros.Count > 5);
    }

    [Fact]
    public void Restore_Garbage_NeverTouchesBytesRewrittenWithTheirValue()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", [.. Enumerable.Repeat((byte)5, 600)]);
        file.Sync();
        disk.SyncDirectory();
        file.Write(0, [.. Enumerable.Repeat((byte)5, 600), .. Enumerable.Repeat((byte)6, 600)]);
        for (ulong seed = 0; seed < 100; seed++)
            Assert.Equal(-1, disk.Snapshot().Restore(CrashVariant.Garbage, seed).ReadAll("a").AsSpan(0, 600).IndexOfAnyExcept((byte)5));
    }

    [Fact]
    public void Restore_PaddedMode_DamagesDurableBytesOfATouchedPage()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", [.. Enumerable.Repeat((byte)5, 8192)]);
        file.Sync();
        disk.SyncDirectory();
        file.Write(5000, [1, 2, 3]);
        bool damaged = false;
        for (ulong seed = 0; seed < 50; seed++)
        {
            byte[] content = disk.Snapshot().Restore(CrashVariant.NothingKept, seed, damagePageBytes: 4096).ReadAll("a");
            Assert.Equal(-1, content.AsSpan(0, 4096).IndexOfAnyExcept((byte)5)); // not a touched page
            damaged |= content.AsSpan(4096).IndexOfAnyExcept((byte)5) >= 0;
        }
        Assert.True(damaged);
    }

    [Fact]
    public void Snapshot_LaterChanges_DoNotShow()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", [1, 2, 3]);
        DiskSnapshot before = disk.Snapshot();
        file.Write(0, [9]);
        file.Sync();
        file.Write(1, [9]);
        disk.SyncDirectory();
        Assert.Equal([1, 2, 3], before.Restore(CrashVariant.EverythingKept, 1).ReadAll("a"));
        Assert.Empty(before.Restore(CrashVariant.NothingKept, 1).List());
        Assert.Equal([9, 9, 3], disk.ReadAll("a"));
    }

    [Fact]
    public void RestoreAfterKill_UnSynced_IsReadableAndStillNotDurable()
    {
        SimulatedDisk disk = new(1);
        Create(disk, "a", [1, 2, 3]);
        SimulatedDisk next = disk.Snapshot().RestoreAfterKill(1);
        Assert.Equal([1, 2, 3], next.ReadAll("a"));
        Assert.Empty(next.Snapshot().Restore(CrashVariant.NothingKept, 1).List());
        next.SyncDirectory();
        Assert.Empty(next.Snapshot().Restore(CrashVariant.NothingKept, 1).ReadAll("a"));
    }

    [Fact]
    public void Restore_SameSeed_GivesTheSameImage()
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", []);
        disk.SyncDirectory();
        byte[] content = new byte[5000];
        new SeededRandom(3).Fill(content);
        file.Write(0, content);
        foreach (CrashVariant variant in Enum.GetValues<CrashVariant>())
        {
            DiskSnapshot cut = disk.Snapshot();
            Assert.Equal(cut.Restore(variant, 77).ReadAll("a"), cut.Restore(variant, 77).ReadAll("a"));
        }
    }

    [Fact]
    public void Sync_Failed_LosesTheBytesEvenIfALaterSyncSucceeds()
    {
        bool lost = false;
        for (ulong seed = 0; seed < 20; seed++)
        {
            SimulatedDisk disk = new(seed);
            IDiskFile file = Create(disk, "a", new byte[512]);
            file.Sync();
            disk.SyncDirectory();
            file.Write(0, [1, 2, 3]);
            disk.Faults.Add(new FaultRule(DiskOperations.Sync, 1, Errno.Io));
            Assert.Equal(Errno.Io, Assert.Throws<DiskException>(file.Sync).ErrnoValue);
            file.Sync(); // reports success: the pages were marked clean
            Assert.Equal(1, disk.ReadAll("a")[0]);
            lost |= disk.Snapshot().Restore(CrashVariant.EverythingKept, 1).ReadAll("a")[0] == 0;
        }
        Assert.True(lost);
    }

    [Fact]
    public void CrashAt_Operation_StopsEverythingFromThere()
    {
        SimulatedDisk disk = new(1) { CrashAt = 3 };
        IDiskFile file = Create(disk, "a", [1]); // operations 1 and 2
        Assert.Throws<SimulatedCrashException>(file.Sync);
        Assert.Throws<SimulatedCrashException>(() => file.Read(0, new byte[1]));
        Assert.Throws<SimulatedCrashException>(() => disk.Exists("a"));
        Assert.Empty(disk.Snapshot().Restore(CrashVariant.NothingKept, 1).List());
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public void Faults_NthWrite_FailsOnceOrForGood(bool forGood, int expectedFailures)
    {
        SimulatedDisk disk = new(1);
        IDiskFile file = Create(disk, "a", []);
        disk.Faults.Add(new FaultRule(DiskOperations.Write, 2, Errno.NoSpace, forGood));
        int failures = 0;
        for (int i = 0; i < 4; i++)
        {
            try { file.Write(i, [1]); }
            catch (DiskException e) when (e.ErrnoValue == Errno.NoSpace) { failures++; }
        }
        Assert.Equal(expectedFailures, failures);
        Assert.Equal(expectedFailures, disk.Faults.Failures);
    }

    [Fact]
    public void Write_BeyondCapacity_IsNoSpaceAndUnlinkFreesIt()
    {
        SimulatedDisk disk = new(1) { CapacityBytes = 3 * 4096 };
        IDiskFile file = Create(disk, "a", []);
        file.Preallocate(3 * 4096);
        Assert.Equal(0, disk.FreeBytes);
        file.Write(100, new byte[4096]); // allocated already
        Assert.Equal(Errno.NoSpace, Assert.Throws<DiskException>(() => Create(disk, "b", [1])).ErrnoValue);
        disk.Unlink("a");
        Assert.Equal(3 * 4096, disk.FreeBytes);
    }

    private static IDiskFile Create(SimulatedDisk disk, string name, byte[] content)
    {
        IDiskFile file = disk.Open(name, DiskOpenMode.CreateNew);
        if (content.Length > 0) file.Write(0, content);
        return file;
    }
}
