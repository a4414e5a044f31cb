using Edge.Log.Lineage;
using Edge.Log.Tests.Support;
using Edge.Log.Topics;
using Edge.Testing.Storage;

namespace Edge.Log.Tests.Lineage;

public sealed class JournalLineageTests
{
    [Fact]
    public void Boots_AfterRestarts_TellWhereEachBootBegan()
    {
        HandDriven log = new();
        Guid first = log.Journal.BootId;
        log.Create("t", 2);
        for (int i = 0; i < 5; i++) log.Append(log.Partition("t"));
        log.Cut();
        Guid second = log.Journal.BootId;
        log.Append(log.Partition("t", 1));
        log.StopAndReopen();
        Guid third = log.Journal.BootId;
        JournalLineage lineage = log.Journal.Lineage;
        Assert.Equal([first, second, third], lineage.Boots.Select(b => b.BootId));
        Assert.True(lineage.Boots.Zip(lineage.Boots.Skip(1)).All(p => p.First.Epoch < p.Second.Epoch));
        Assert.All(lineage.Boots, b => Assert.Equal(log.Journal.LogId, b.Log));
        Assert.Equal((5, 0), (lineage.StartOffset(log.Partition("t"), second), lineage.StartOffset(log.Partition("t", 1), second)));
        Assert.Equal((5, 1), (lineage.StartOffset(log.Partition("t"), third), lineage.StartOffset(log.Partition("t", 1), third)));
        Assert.Equal(-1, lineage.StartOffset(log.Partition("t"), Guid.NewGuid()));
    }

    [Fact]
    public void ForkAsync_IsDurableIdempotentAndKeepsItsParents()
    {
        HandDriven log = new();
        log.Create("t");
        log.Append(log.Partition("t"));
        string original = log.Journal.LogId, fork = JournalLineage.NewLogId(), second = JournalLineage.NewLogId();
        int epoch = log.Journal.Epoch;
        Assert.True(log.Drive(log.Journal.Lineage.ForkAsync(fork, [original], "plan"u8.ToArray(), epoch + 40)).IsDurable);
        Assert.True(log.Drive(log.Journal.Lineage.ForkAsync(fork, [original], "plan"u8.ToArray(), epoch + 40)).IsDurable);
        Assert.Equal((fork, epoch + 40), (log.Journal.LogId, log.Journal.Epoch));
        Assert.Equal([original], log.Journal.Lineage.Parents);
        Assert.Equal("plan"u8.ToArray(), log.Journal.Lineage.ForkPlan!.Value.ToArray());
        Assert.Throws<ArgumentException>(() => { _ = log.Journal.Lineage.ForkAsync(original, [fork, original]); });
        log.Append(log.Partition("t"));
        Assert.Equal(epoch + 40, log.ReadBatches(log.Partition("t"))[^1].Header.PartitionLeaderEpoch);
        log.Cut();
        Assert.Equal(fork, log.Journal.LogId);
        Assert.True(log.Journal.Epoch > epoch + 40);
        Assert.True(log.Drive(log.Journal.Lineage.ForkAsync(second, [fork, original])).IsDurable);
        log.StopAndReopen();
        Assert.Equal([fork, original], log.Journal.Lineage.Parents);
        Assert.Equal([0, 1], log.ReadOffsets(log.Partition("t")));
    }

    // Goal: before or after, never in between. Method: a power cut at every operation of the fork, every variant.
    [Fact]
    public void ForkAsync_PowerCutAtAnyOperation_LeavesTheOldIdOrTheNewOneWithItsParent()
    {
        HandDriven log = new();
        string original = log.Journal.LogId, fork = JournalLineage.NewLogId();
        List<DiskSnapshot> cuts = [];
        log.Disk.BeforeOperation = (_, _) => cuts.Add(log.Disk.Snapshot());
        log.Drive(log.Journal.Lineage.ForkAsync(fork, [original]));
        log.Disk.BeforeOperation = null;
        cuts.Add(log.Disk.Snapshot());
        foreach (DiskSnapshot cut in cuts)
        {
            foreach (CrashVariant variant in Enum.GetValues<CrashVariant>())
            {
                HandDriven after = new(log.Options, cut.Restore(variant, 9));
                if (cut == cuts[^1]) Assert.Equal(fork, after.Journal.LogId);
                Assert.Contains(after.Journal.LogId, new[] { original, fork });
                Assert.Equal(after.Journal.LogId == fork ? [original] : [], after.Journal.Lineage.Parents);
            }
        }
    }

    [Theory]
    [InlineData("9F3C2A17")]
    [InlineData("9f3c")]
    [InlineData("zzzzzzzz")]
    public void ForkAsync_NoLogId_IsRefused(string id) => Assert.Throws<ArgumentException>(() => { _ = new HandDriven().Journal.Lineage.ForkAsync(id, []); });
}
