using Edge.Log.Commit;
using Edge.Log.Gaps;
using Edge.Log.Tests.Support;
using Edge.Log.Topics;

namespace Edge.Log.Tests.Retention;

/// <summary>The disk's bound: who is refused, what goes, and that every record that goes unsent has its gap record.</summary>
public sealed class DropOldestTests
{
    private const long Bound = 8 * 64 << 10;

    private static readonly TopicConfig Dropping = new() { RetentionMs = -1, Full = FullPolicy.DropOldest };

    [Fact]
    public void Append_FullDiskAndDropOldest_GoesOnAndEveryLostRecordHasItsGap()
    {
        HandDriven log = new(HandDriven.Tiny(Bound));
        Partition partition = log.Create("t", 1, Dropping).Partitions[0];
        partition.RetentionFloor = 5;
        log.Retain(); // floors are known
        for (int i = 0; i < 600; i++) Assert.Equal(AppendStatus.Ok, log.Append(partition, 4000).Status);
        Assert.True(partition.LogStartOffset > 100, $"log start is {partition.LogStartOffset}");
        Assert.Equal(partition.LogStartOffset, log.Journal.Statistics.DroppedOldest);
        Assert.True(log.Journal.Statistics.StoredBytes <= Bound);
        long start = partition.LogStartOffset;
        log.Cut();
        Partition after = log.Partition("t");
        Assert.True(after.LogStartOffset >= start);
        JournalGap gap = Assert.Single(log.Journal.Gaps.All); // adjacent ranges are one record
        Assert.Equal((5L, after.LogStartOffset, GapReason.DropOldest), (gap.From, gap.To, gap.Reason));
        Assert.Equal(Enumerable.Range((int)after.LogStartOffset, (int)(after.HighWatermark - after.LogStartOffset)).Select(i => (long)i), log.ReadOffsets(after));
    }

    [Fact]
    public void Append_FullDiskHeldByATopicThatRejects_IsRefusedAndCounted()
    {
        HandDriven log = new(HandDriven.Tiny(Bound));
        Partition wanted = log.Create("wanted").Partitions[0], dropping = log.Create("dropping", 1, Dropping).Partitions[0];
        wanted.RetentionFloor = 0;
        dropping.RetentionFloor = 0;
        log.Retain();
        // One record that rejects in every segment: nothing can be freed without losing it.
        AppendStatus status = AppendStatus.Ok;
        for (int i = 0; i < 400 && status == AppendStatus.Ok; i++) status = log.Append(i % 5 == 0 ? wanted : dropping, 4000).Status;
        Assert.Equal(AppendStatus.LogFull, status);
        Assert.Equal(AppendStatus.LogFull, log.Append(wanted, 4000).Status);
        Assert.Equal(0, wanted.LogStartOffset);
        Assert.True(log.Journal.Statistics.RefusedFull >= 2);
        Assert.Equal(JournalState.Running, log.Journal.State);
    }

    [Fact]
    public void Append_FullDiskAndReject_KeepsTheReserveForInternalTopics()
    {
        HandDriven log = new(HandDriven.Tiny(Bound));
        Partition partition = log.Create("t").Partitions[0];
        partition.RetentionFloor = 0;
        log.Retain();
        AppendStatus status = AppendStatus.Ok;
        for (int i = 0; i < 400 && status == AppendStatus.Ok; i++) status = log.Append(partition, 4000).Status;
        Assert.Equal(AppendStatus.LogFull, status);
        for (int i = 0; i < 20; i++)
            Assert.True(log.Drive(log.Journal.GetTable("__sync_cursors").PutAsync("c", new byte[1000])).IsDurable);

        // The centre is back: the cursor moves, and the journal takes records again by itself, without a retention run.
        partition.RetentionFloor = partition.HighWatermark;
        for (int i = 0; i < 100; i++) Assert.Equal(AppendStatus.Ok, log.Append(partition, 4000).Status);
        Assert.Empty(log.Journal.Gaps.All); // all of it was forwarded
        Assert.Equal(0, log.Journal.Statistics.DroppedOldest);
    }

    [Fact]
    public void ApplyRetention_FreeSpaceBelowTheFloor_RemovesWhatNobodyWants()
    {
        HandDriven log = new();
        Partition partition = log.Create("t").Partitions[0];
        log.FillTo(6, partition);
        partition.RetentionFloor = partition.HighWatermark;
        log.Disk.CapacityBytes = log.Disk.TotalBytes - log.Disk.FreeBytes + (64 << 10);
        log.Options.MinFreeBytes = 3 * 64 << 10;
        log.Retain();
        Assert.True(log.Disk.FreeBytes >= log.Options.MinFreeBytes, $"{log.Disk.FreeBytes} bytes are free");
        Assert.True(partition.LogStartOffset > 0);
        Assert.True(log.Journal.Segments.Length > 1, "more was removed than the floor asks for");
    }

    [Fact]
    public void ApplyRetention_TimeAndBytes_NeverGoAboveTheFloor()
    {
        HandDriven log = new();
        Partition byTime = log.Create("by-time", 1, new TopicConfig { RetentionMs = 1000 }).Partitions[0];
        Partition byBytes = log.Create("by-bytes", 1, new TopicConfig { RetentionMs = -1, RetentionBytes = 1 }).Partitions[0];
        log.FillTo(5, byTime, byBytes);
        log.Time.Advance(TimeSpan.FromHours(1));
        byTime.RetentionFloor = 0;
        byBytes.RetentionFloor = 0;
        log.Retain();
        Assert.Equal((0, 0), (byTime.LogStartOffset, byBytes.LogStartOffset));
        byTime.RetentionFloor = byBytes.RetentionFloor = long.MaxValue;
        log.Retain();
        Assert.True(byTime.LogStartOffset > 0 && byBytes.LogStartOffset > 0);
        Assert.True(log.Journal.Segments.Length < 5);
        (long time, long bytes) = (byTime.LogStartOffset, byBytes.LogStartOffset);
        log.Cut();
        Assert.True(log.Partition("by-time").LogStartOffset >= time && log.Partition("by-bytes").LogStartOffset >= bytes, "a power cut took a log start back");
        Assert.Empty(log.Journal.Gaps.All); // nobody wanted them
    }
}
