using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Edge.Log.Commit;
using Edge.Log.Records;
using Edge.Log.Segments;
using Edge.Log.Storage;
using Edge.Log.Tools;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Golden;

/// <summary>A journal that an earlier build wrote is read as it was written; a newer format is refused by name and left untouched.</summary>
public sealed class GoldenJournalTests
{
    /// <summary>With WRITE_GOLDEN=1 the copy in the checkout is written anew: only after the format was changed on purpose, with its version.</summary>
    private static readonly bool WritesAnew = Environment.GetEnvironmentVariable("WRITE_GOLDEN") == "1";

    public static TheoryData<string> Folders => [.. GoldenJournal.All(Root())];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Golden_OfEveryFormat_IsReadToTheLastRecord(string folder)
    {
        SimulatedDisk disk = GoldenJournal.Load(Root(), folder);
        Assert.Equal(GoldenJournal.Expected, Dump(disk));
        Journal journal = GoldenJournal.Open(disk);
        Assert.Equal((3, "golden"), (journal.Epoch, journal.DeviceId));
        Assert.True(journal.GetTable("__golden").TryGet("key", out ReadOnlyMemory<byte> value) && value.Span.SequenceEqual("value"u8));
        Assert.True(journal.Topics.TryGet("readings", out Topics.Topic readings) && !journal.Topics.TryGet("gone", out _));
        Assert.Equal([16L, 20L], readings.Partitions.Select(p => p.HighWatermark));
        Assert.Equal(0, journal.Statistics.DamagedBytes);
        // The producer is known over both starts and the format: its last batch again is a duplicate.
        byte[] again = [.. Batch(disk, readings.Partitions[0].Id, producerId: 4711)];
        Assert.Equal(AppendStatus.Duplicate, GoldenJournal.Drive(journal, journal.AppendAsync(readings.Partitions[0], again)).Status);
    }

    [Fact]
    public void Golden_WrittenByThisBuild_HoldsTheSameInTheSameFiles()
    {
        var disk = new SimulatedDisk();
        GoldenJournal.Write(disk);
        if (WritesAnew) GoldenJournal.Save(disk, Root());
        Assert.Equal(GoldenJournal.Expected, Dump(disk));
        Assert.Equal(GoldenJournal.Load(Root(), Newest()).List(), disk.List().Where(n => n != "segment.spare"));
    }

    public static TheoryData<string, int, string> Newer => new()
    {
        { ".seg", 8, "format version 99" },
        { ".state", 8, "format version 99" },
    };

    // Goal: a file of a version that is not known is refused with its name and version, and no byte of the directory changes.
    [Theory]
    [MemberData(nameof(Newer))]
    public void Open_FileOfANewerVersion_IsRefusedAndUntouched(string suffix, int versionAt, string says)
    {
        SimulatedDisk disk = GoldenJournal.Load(Root(), Newest());
        foreach (string mark in (string[])["clean.stop", "clean.index"]) disk.Unlink(mark); // after a clean stop no snapshot is read
        string name = disk.List().Last(n => n.EndsWith(suffix, StringComparison.Ordinal));
        byte[] bytes = disk.ReadAll(name);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(versionAt), 99);
        if (suffix == ".seg") BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        AssertRefused(disk, name, bytes[..64], $"'{name}'", says);
    }

    [Fact]
    public void Open_JournalOfANewerVersion_IsRefusedAndUntouched() => AssertRefused(GoldenJournal.Load(Root(), Newest()), "journal.format", "edge-journal 9\n"u8.ToArray(), "'edge-journal 9'", "'edge-journal 1'");

    // Goal: an index is derived: one of another version is not believed, and everything is found without it.
    [Fact]
    public void Open_IndexOfANewerVersion_IsNotBelieved()
    {
        SimulatedDisk disk = GoldenJournal.Load(Root(), Newest());
        string name = disk.List().Last(n => n.EndsWith(".index", StringComparison.Ordinal));
        byte[] bytes = disk.ReadAll(name);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), 2);
        bytes.AsSpan(48).Clear();
        int covered = 48 + (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(28)) * SegmentIndexFile.SpanBytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(40), Crc32C.Compute(bytes.AsSpan(0, 40), bytes.AsSpan(48, covered - 48)));
        Overwrite(disk, name, bytes);
        Journal journal = GoldenJournal.Open(disk);
        journal.Topics.TryGet("readings", out Topics.Topic readings);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.Equal(Topics.ReadStatus.Ok, readings.Partitions[0].Read(0, 1, true, buffer).Status);
        Assert.Equal(0, RecordBatchHeader.Parse(buffer.WrittenSpan).BaseOffset);
    }

    private static void AssertRefused(SimulatedDisk disk, string name, byte[] head, params string[] says)
    {
        Overwrite(disk, name, head);
        Dictionary<string, byte[]> before = disk.List().ToDictionary(n => n, disk.ReadAll);
        foreach (Action open in new Action[] { () => GoldenJournal.Open(disk), () => OfflineJournal.Open(disk).Dispose(), () => JournalRepair.Plan(disk) })
        {
            JournalFormatException e = Assert.Throws<JournalFormatException>(open);
            Assert.All(says, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
            Assert.Contains("Nothing was changed", e.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before.Keys, disk.List());
        Assert.All(before, file => Assert.Equal(file.Value, disk.ReadAll(file.Key)));
    }

    private static void Overwrite(SimulatedDisk disk, string name, byte[] bytes)
    {
        using IDiskFile file = disk.Open(name, DiskOpenMode.ReadWrite);
        file.Write(0, bytes);
        file.Sync();
    }

    private static List<string> Dump(IDisk disk)
    {
        List<string> lines = [];
        using OfflineJournal journal = OfflineJournal.Open(disk);
        Assert.True(JournalVerifier.Run(journal).IsSound);
        JournalDump.Run(journal, new DumpFilter { Topic = "readings" }, (DumpPlace place, in RecordView record) => lines.Add(GoldenJournal.Line(place.Partition.Topic, place.Partition.Partition, record)));
        return lines;
    }

    /// <summary>The newest stored batch of that producer.</summary>
    private static byte[] Batch(IDisk disk, int partitionId, long producerId)
    {
        byte[] found = [];
        using OfflineJournal journal = OfflineJournal.Open(disk);
        for (int i = 0; i < journal.Segments.Count; i++)
            SegmentWalk.Run(journal.Segments[i], OfflineJournal.MaxBatchBytes, journal.SequenceAfter(i), (in FrameHeader frame, int _, ReadOnlyMemory<byte> batch, in RecordBatchHeader header) =>
            {
                if (frame.PartitionId == partitionId && header.ProducerId == producerId) found = batch.ToArray();
            });
        return found;
    }

    private static string Newest() => GoldenJournal.All(Root()).Last();

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, ".."));
}
