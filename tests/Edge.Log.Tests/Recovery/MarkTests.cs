using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.Storage;
using Edge.Log.Tests.Support;
using Edge.Log.Topics;

namespace Edge.Log.Tests.Recovery;

/// <summary>What a journal says about its end when it rests: the idle mark and the mark of a clean stop.</summary>
public sealed class MarkTests
{
    private static HandDriven Filled(out Partition partition)
    {
        HandDriven log = new();
        partition = log.Create("t").Partitions[0];
        for (int i = 0; i < 10; i++) log.Append(partition);
        return log;
    }

    private static void RotLastBatch(HandDriven log)
    {
        string active = log.Disk.List().Last(n => n.EndsWith(".seg", StringComparison.Ordinal));
        int at = log.Disk.ReadAll(active).AsSpan().LastIndexOf("\a\a\a\a"u8);
        log.Disk.Rot(active, at, 0x40);
    }

    // Without the mark the same damage is what a power cut leaves: cut, and its offset given again. With it, it is damage: reported, kept, never given again.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_LastBatchDamaged_IsCorruptionOnlyBehindAnIdleMark(bool marked)
    {
        HandDriven log = Filled(out Partition _);
        if (marked) log.Journal.MarkIdle();
        log.Journal.RunCommitOnce();
        RotLastBatch(log);
        log.Cut();
        Partition partition = log.Partition("t");
        if (!marked)
        {
            Assert.Equal((9, 0), (partition.HighWatermark, log.Journal.Statistics.DamagedBytes));
            Assert.Empty(log.Journal.Gaps.All);
            return;
        }
        Assert.True(log.Journal.Statistics.DamagedBytes > 0);
        Assert.True(partition.HighWatermark >= 10, $"offset 9 would be given again; the high watermark is {partition.HighWatermark}");
        JournalGap gap = Assert.Single(log.Journal.Gaps.All);
        Assert.Equal((9L, partition.HighWatermark, GapReason.Quarantined), (gap.From, gap.To, gap.Reason));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], log.ReadOffsets(partition));
        Assert.Contains(log.Disk.List(), n => n.StartsWith("quarantine/", StringComparison.Ordinal));
        AppendResult next = log.Append(partition);
        Assert.Equal((AppendStatus.Ok, gap.To), (next.Status, next.BaseOffset));
    }

    [Fact]
    public void MarkIdle_NothingCommittedSince_WritesNoSecondMark()
    {
        HandDriven log = Filled(out Partition partition);
        log.Journal.MarkIdle();
        log.Journal.RunCommitOnce();
        long written = log.Disk.BytesWritten;
        log.Journal.MarkIdle();
        log.Journal.RunCommitOnce();
        Assert.Equal(written, log.Disk.BytesWritten);
        log.Append(partition);
        log.Cut();
        Assert.Equal(11, log.Partition("t").HighWatermark);
    }

    [Fact]
    public void Open_AfterACleanStop_ReadsNoFrame()
    {
        HandDriven log = Filled(out Partition _);
        log.FillTo(3, log.Partition("t"));
        long end = log.Partition("t").HighWatermark;
        log.Drive(log.Journal.DisposeAsync().AsTask().ContinueWith(_ => true, TaskScheduler.Default));
        // Goal: no byte of a frame is looked at. Method: damage in front of the end that a replay would report.
        string active = log.Disk.List().Last(n => n.EndsWith(".seg", StringComparison.Ordinal));
        log.Disk.Rot(active, 64 + 60, 1);
        log.Reopen();
        Assert.Equal(0, log.Journal.Statistics.DamagedBytes);
        Assert.Equal(end, log.Partition("t").HighWatermark);
        Assert.Equal(end, log.Append(log.Partition("t")).BaseOffset);
        Assert.DoesNotContain(log.Disk.List(), n => n.StartsWith("clean", StringComparison.Ordinal));
        log.Cut(); // the mark is gone: what was appended behind it is found by reading
        Assert.Equal(end + 1, log.Partition("t").HighWatermark);
        Assert.True(log.Journal.Statistics.DamagedBytes > 0);
    }

    [Theory]
    [InlineData(Journal.CleanState)]
    [InlineData(Journal.CleanIndex)]
    public void Open_CleanMarkDamagedOrOfAnEarlierStop_ReadsTheJournal(string file)
    {
        HandDriven log = Filled(out Partition _);
        log.Drive(log.Journal.DisposeAsync().AsTask().ContinueWith(_ => true, TaskScheduler.Default));
        byte[] state = log.Disk.ReadAll(Journal.CleanState), index = log.Disk.ReadAll(Journal.CleanIndex);
        log.Disk.Rot(file, 20, 1);
        log.Reopen();
        Assert.Equal(10, log.Partition("t").HighWatermark);
        log.Append(log.Partition("t"));
        // A mark that came back from the dead (a restored file): the frame behind it gives it away.
        foreach ((string name, byte[] bytes) in new[] { (Journal.CleanState, state), (Journal.CleanIndex, index) })
        {
            using IDiskFile back = log.Disk.Open(name, DiskOpenMode.CreateNew);
            back.Write(0, bytes);
        }
        log.Reopen();
        Assert.Equal(11, log.Partition("t").HighWatermark);
    }
}
