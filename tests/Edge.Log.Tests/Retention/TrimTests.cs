using Edge.Log.Gaps;
using Edge.Log.Tests.Support;
using Edge.Log.Topics;

namespace Edge.Log.Tests.Retention;

public sealed class TrimTests
{
    [Fact]
    public void TrimAsync_WithinTheLog_MovesTheStartDurably()
    {
        HandDriven log = new();
        Partition partition = log.Create("t").Partitions[0];
        for (int i = 0; i < 10; i++) log.Append(partition);
        TrimResult result = log.Drive(partition.TrimAsync(4));
        Assert.Equal(new TrimResult(TrimStatus.Ok, 4), result);
        Assert.Equal([4, 5, 6, 7, 8, 9], log.ReadOffsets(partition));
        log.Cut();
        Assert.Equal(4, log.Partition("t").LogStartOffset);
        Assert.Equal(10, log.Partition("t").HighWatermark);
        Assert.Equal([4, 5, 6, 7, 8, 9], log.ReadOffsets(log.Partition("t")));
        Assert.Empty(log.Journal.Gaps.All);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(-2)]
    public void TrimAsync_OutsideTheLog_IsRefused(long offset)
    {
        HandDriven log = new();
        Partition partition = log.Create("t").Partitions[0];
        for (int i = 0; i < 10; i++) log.Append(partition);
        Assert.Equal(new TrimResult(TrimStatus.OffsetOutOfRange, 0), log.Drive(partition.TrimAsync(offset)));
    }

    [Fact]
    public void TrimAsync_ToTheHighWatermark_EmptiesThePartitionAndOffsetsGoOn()
    {
        HandDriven log = new();
        Partition partition = log.Create("t").Partitions[0];
        for (int i = 0; i < 5; i++) log.Append(partition);
        Assert.Equal(new TrimResult(TrimStatus.Ok, 5), log.Drive(partition.TrimAsync(-1)));
        Assert.Equal(5, log.Append(partition).BaseOffset);
        log.Cut();
        Assert.Equal([5], log.ReadOffsets(log.Partition("t")));
    }

    [Fact]
    public void TrimAsync_AboveTheFloor_IsRefusedUnlessForcedAndThenHasItsGapRecord()
    {
        HandDriven log = new();
        Partition partition = log.Create("t").Partitions[0];
        for (int i = 0; i < 10; i++) log.Append(partition);
        partition.RetentionFloor = 3;
        Assert.Equal(new TrimResult(TrimStatus.NotForwarded, 0), log.Drive(partition.TrimAsync(7)));
        Assert.Equal(new TrimResult(TrimStatus.Ok, 3), log.Drive(partition.TrimAsync(3)));
        Assert.Equal(new TrimResult(TrimStatus.Ok, 7), log.Drive(partition.TrimAsync(7, force: true)));
        log.Cut();
        JournalGap gap = Assert.Single(log.Journal.Gaps.All);
        Assert.Equal(("t", 0, 3L, 7L, 4L, GapReason.Trimmed, log.Journal.LogId), (gap.Topic, gap.Partition, gap.From, gap.To, gap.Count, gap.Reason, gap.Log));
        Assert.Equal(7, log.Partition("t").LogStartOffset);

        // Goal: the record goes once the forwarder's cursor passed it, not before.
        log.Partition("t").RetentionFloor = 3;
        log.Retain();
        Assert.Single(log.Journal.Gaps.All);
        log.Partition("t").RetentionFloor = 7;
        log.Retain();
        Assert.Empty(log.Journal.Gaps.All);
    }

    [Fact]
    public void DeleteAsync_WithUnsentRecords_IsRefusedUnlessForcedAndThenHasItsGapRecord()
    {
        HandDriven log = new();
        Topic topic = log.Create("t", 2);
        for (int i = 0; i < 4; i++) log.Append(topic.Partitions[1]);
        topic.Partitions[0].RetentionFloor = 0;
        topic.Partitions[1].RetentionFloor = 1;
        Assert.Equal(TopicChangeStatus.NotForwarded, log.Drive(log.Journal.Topics.DeleteAsync("t")).Status);
        Assert.True(log.Journal.Topics.TryGet("t", out _));
        Assert.Equal(TopicChangeStatus.Ok, log.Drive(log.Journal.Topics.DeleteAsync("t", force: true)).Status);
        log.Cut();
        JournalGap gap = Assert.Single(log.Journal.Gaps.All);
        Assert.Equal((1, 1L, 4L, GapReason.Deleted), (gap.Partition, gap.From, gap.To, gap.Reason));
    }
}
