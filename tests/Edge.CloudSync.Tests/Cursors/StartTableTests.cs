using Edge.CloudSync.Cursors;
using Xunit;

namespace Edge.CloudSync.Tests.Cursors;

/// <summary>One test for each line of the table in docs/operations/sync.md.</summary>
public sealed class StartTableTests
{
    private const string Device = "pi-7", Own = "0000000a", Key = "t/0";
    private readonly History _local = new();

    [Fact]
    public void Decide_HistoriesAgree_ResumesAtTheCursors()
    {
        StartDecision decision = Decide(Centre(Own, Cursor(100, ("b1", 0), ("b2", 60))), note: new SyncCursor(90, 89, 7, Own, 3));
        Assert.Equal((StartKind.Resume, 100L, 99L, 5L, 7L), (decision.Kind, At(decision).Next, At(decision).Previous, At(decision).Sequence, At(decision).IngestSequence));
        Assert.Empty(decision.Events);
    }

    [Fact]
    public void Decide_NothingAnywhere_IsFreshFromTheLogStart() =>
        Assert.Equal((StartKind.Fresh, 10L), (Decide(new CentralState(null, new Dictionary<string, CentralCursor>()), logStart: 10).Kind, At(Decide(new CentralState(null, new Dictionary<string, CentralCursor>()), logStart: 10)).Next));

    [Fact]
    public void Decide_SentWithoutTransactionsBefore_IsFreshFromTheLocalPosition()
    {
        StartDecision decision = Decide(Empty, note: new SyncCursor(40, 39, 5, Own));
        Assert.Equal((StartKind.Fresh, 40L, 39L, 5L), (decision.Kind, At(decision).Next, At(decision).Previous, At(decision).IngestSequence));
    }

    [Fact]
    public void Decide_SentWithoutTransactionsSinceTheCursor_GoesOnBehindThat()
    {
        StartDecision decision = Decide(Centre(Own, Cursor(100, ("b1", 0))), note: new SyncCursor(150, 149, 9, Own, Sequence: 5, IsUnconfirmedMode: true));
        Assert.Equal((StartKind.Resume, 150L, 149L), (decision.Kind, At(decision).Next, At(decision).Previous));
    }

    [Fact]
    public void Decide_CentreWentBack_ItsWordCountsAndIsTold()
    {
        StartDecision decision = Decide(Centre(Own, Cursor(100, ("b1", 0))), note: new SyncCursor(150, 149, 9, Own, Sequence: 6));
        Assert.Equal((StartKind.Resume, 100L, 0L), (decision.Kind, At(decision).Next, At(decision).IngestSequence));
        Assert.Contains("went back", Assert.Single(decision.Events), StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_CursorOfOnePartitionGone_SendsItAgainAndTells()
    {
        CentralState centre = Centre(Own, Cursor(100, ("b1", 0)), key: "other/0");
        StartDecision decision = Decide(centre, note: new SyncCursor(150, 149, 9, Own, Sequence: 6), logStart: 5);
        Assert.Equal((StartKind.Resume, 5L), (decision.Kind, At(decision).Next));
        Assert.Single(decision.Events);
    }

    // The card was put back to an older image and has booted since: the centre knows a boot that is not here.
    [Fact]
    public void Decide_BackupRestored_ForksWhereTheHistoriesPart()
    {
        _local.Boots.Remove("b2");
        StartDecision decision = Decide(Centre(Own, Cursor(100, ("b1", 0), ("b2", 60))), highWatermark: 75);
        Assert.Equal((StartKind.Fork, 60L, -1L, (60L, 100L)), (decision.Kind, At(decision).Next, At(decision).Previous, decision.ForkedAt[Key]));
        Assert.Equal([Own], decision.Parents);
    }

    [Fact]
    public void Decide_DiskRolledBack_ForksAtTheEndOfTheBoot()
    {
        _local.Ends["b2"] = 80;
        StartDecision decision = Decide(Centre(Own, Cursor(100, ("b1", 0), ("b2", 60))), highWatermark: 95);
        Assert.Equal((StartKind.Fork, 80L, (80L, 100L)), (decision.Kind, At(decision).Next, decision.ForkedAt[Key]));
    }

    [Fact]
    public void Decide_LogEndsBelowTheCursor_Forks() =>
        Assert.Equal((StartKind.Fork, 70L), (Decide(Centre(Own, Cursor(100, ("b1", 0))), highWatermark: 70).Kind, At(Decide(Centre(Own, Cursor(100, ("b1", 0))), highWatermark: 70)).Next));

    [Fact]
    public void Decide_ForkUnderWay_FollowsItsPlan()
    {
        _local.Parents = ["0000000b"];
        StartDecision decision = Decide(Centre("0000000b", Cursor(100, ("b1", 0)), log: "0000000b"), plan: new Dictionary<string, long> { [Key] = 33 });
        Assert.Equal((StartKind.FinishFork, 33L, -1L), (decision.Kind, At(decision).Next, At(decision).Previous));
    }

    [Fact]
    public void Decide_DataDirectoryMadeAnew_FollowsTheOldLog()
    {
        StartDecision decision = Decide(Centre("0000000b", Cursor(100, ("x", 0)), log: "0000000b"), logStart: 0);
        Assert.Equal((StartKind.Succeed, 0L), (decision.Kind, At(decision).Next));
        Assert.Equal(["0000000b", "older"], decision.Parents);
    }

    [Fact]
    public void Decide_ClonedCard_HaltsUntilAdopted()
    {
        CentralState centre = Centre("0000000c", Cursor(100, ("b1", 0)));
        StartDecision halt = Decide(centre, note: new SyncCursor(100, 99, 0, Own, Sequence: 5));
        Assert.Equal((StartKind.Rival, true), (halt.Kind, halt.IsHalt));
        Assert.Empty(halt.Positions);
        StartDecision adopted = Decide(centre, note: new SyncCursor(100, 99, 0, Own, Sequence: 5), adopt: true);
        Assert.Equal((StartKind.Fork, 100L), (adopted.Kind, At(adopted).Next));
        Assert.Equal(["0000000c", Own], adopted.Parents.Take(2));
    }

    [Fact]
    public void Decide_AnotherIncarnationOfOurLog_HaltsOnceOursWasCommitted()
    {
        CentralState centre = Centre(Own, Cursor(100, ("b1", 0)));
        Assert.Equal(StartKind.Rival, Decide(centre, incarnation: "mine").Kind);
        Assert.Equal(StartKind.Resume, Decide(centre, incarnation: "theirs").Kind);
        Assert.Equal(StartKind.Resume, Decide(centre, incarnation: null).Kind); // the process before this one
    }

    [Fact]
    public void Decide_NoBootInCommon_HaltsOnlyWhenTheListIsFull()
    {
        (string, long)[] strangers = [.. Enumerable.Range(0, BootTrail.MaxBoots).Select(i => ($"s{i}", (long)i))];
        Assert.Equal(StartKind.Stranger, Decide(Centre(Own, Cursor(100, strangers))).Kind);
        Assert.Equal((StartKind.Fork, 7L), (Decide(Centre(Own, Cursor(100, strangers)), adopt: true, logStart: 7).Kind, At(Decide(Centre(Own, Cursor(100, strangers)), adopt: true, logStart: 7)).Next));
        Assert.Equal((StartKind.Fork, 20L), (Decide(Centre(Own, Cursor(100, ("s0", 20), ("s1", 30)))).Kind, At(Decide(Centre(Own, Cursor(100, ("s0", 20), ("s1", 30))))).Next));
    }

    [Theory]
    [InlineData("halt", StartKind.CursorLost, -1)]
    [InlineData("resume-local", StartKind.Resume, 150)]
    [InlineData("replay", StartKind.Resume, 0)]
    public void Decide_CursorTopicLost_DoesAsToldAndNeverSilently(string policy, object kind, long next)
    {
        StartDecision decision = Decide(Empty, note: new SyncCursor(150, 149, 9, Own, Sequence: 6), policy: policy);
        Assert.Equal(kind, decision.Kind);
        if (next >= 0) Assert.Equal(next, At(decision).Next);
        Assert.Single(decision.Events);
    }

    [Fact]
    public void Parse_WrittenCursorAndDevice_ComeBack()
    {
        var cursor = new CentralCursor(5, 4, 3, BootTrail.Empty.With("a", 0).With("b", 2), 12);
        CentralCursor read = CentralCursor.Parse(cursor.ToJson(DateTimeOffset.UnixEpoch))!;
        Assert.Equal((5L, 4L, 3L, 12, 2, ("b", 2L)), (read.Next, read.Previous, read.Sequence, read.Routing, read.Boots.Count, read.Boots[1]));
        DeviceRecord device = DeviceRecord.Parse(new DeviceRecord("l", ["p", "q"], "i", ["default"], "h").ToJson(DateTimeOffset.UnixEpoch))!;
        Assert.Equal(("l", "p,q", "i", "default", "h"), (device.Log, string.Join(',', device.Parents), device.Incarnation, string.Join(',', device.Lanes), device.Hardware));
        Assert.Null(CentralCursor.Parse("{}"u8.ToArray()));
        Assert.Null(DeviceRecord.Parse("[]"u8.ToArray()));
    }

    private static CentralState Empty => new(null, new Dictionary<string, CentralCursor>());

    private static StartPosition At(StartDecision decision) => decision.Positions[Key];

    private static CentralCursor Cursor(long next, params (string Boot, long First)[] boots)
    {
        BootTrail trail = BootTrail.Empty;
        foreach ((string boot, long first) in boots) trail = trail.With(boot, first);
        return new CentralCursor(next, next - 1, 5, trail, 12);
    }

    private static CentralState Centre(string deviceLog, CentralCursor cursor, string log = Own, string key = Key) =>
        new(new DeviceRecord(deviceLog, ["older"], "theirs", ["default"], ""), new Dictionary<string, CentralCursor> { [$"c/{Device}/{log}/{key}"] = cursor });

    private StartDecision Decide(CentralState centre, SyncCursor? note = null, long logStart = 0, long highWatermark = 200, string? incarnation = null, Dictionary<string, long>? plan = null,
        string policy = "halt", bool adopt = false) =>
        StartTable.Decide(Device, _local, [new LocalPosition(Key, logStart, highWatermark, note)], centre, incarnation, plan, policy, adopt);

    private sealed class History : ILocalHistory
    {
        public HashSet<string> Boots { get; } = ["b1", "b2", "b3"];
        public Dictionary<string, long> Ends { get; } = [];
        public string Log => Own;
        public IReadOnlyList<string> Parents { get; set; } = [];
        public bool KnowsBoot(string boot) => Boots.Contains(boot);
        public long EndOf(LocalPosition partition, string boot, long next) => Math.Min(Math.Min(next, partition.HighWatermark), Ends.GetValueOrDefault(boot, long.MaxValue));
    }
}
