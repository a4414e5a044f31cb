using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Kafka.Tests.Groups;

public sealed class GroupCoordinatorTests : IDisposable
{
    private static readonly TimeSpan Session = TimeSpan.FromSeconds(10), Rebalance = TimeSpan.FromSeconds(60);
    private readonly ManualTimeProvider _time = new();
    private readonly KafkaOptions _options = new() { GroupInitialRebalanceDelay = TimeSpan.Zero, MaxGroupMembers = 5, MaxGroups = 3 };
    private readonly GroupCoordinator _groups;

    public GroupCoordinatorTests() => _groups = new(_options, _time, NullLogger.Instance);

    public void Dispose() => _groups.Dispose();

    private static JoinRequest Request(string member, string? instance = null, bool twoSteps = false, string group = "g", params string[] protocols) => new(
        group, Session, Rebalance, member, instance, "consumer", [.. (protocols.Length == 0 ? ["range"] : protocols).Select(p => new GroupProtocol(p, [1, 2]))],
        "client", "host", twoSteps);

    private Task<JoinResult> Join(JoinRequest request) => _groups.JoinAsync(request, CancellationToken.None);

    private static async Task<T> Get<T>(Task<T> task) => await task.WaitAsync(KafkaHarness.Deadline);

    private Task<SyncResult> Sync(JoinResult joined, params (string Member, byte Share)[] assignments) => _groups.SyncAsync(
        new("g", joined.Generation, joined.MemberId, null, "consumer", "range", assignments.ToDictionary(a => a.Member, a => new[] { a.Share })), CancellationToken.None);

    /// <summary>One stable member, the leader.</summary>
    private async Task<JoinResult> StartAsync(string? instance = null)
    {
        JoinResult joined = await Get(Join(Request("", instance)));
        Assert.Equal(ErrorCode.None, joined.Error);
        SyncResult synced = await Get(_groups.SyncAsync(new("g", joined.Generation, joined.MemberId, instance, null, null, new() { [joined.MemberId] = [9] }), CancellationToken.None));
        Assert.Equal([9], synced.Assignment);
        return joined;
    }

    [Fact]
    public async Task Join_TwoMembers_LeaderAssignsAndBothGetTheirShare()
    {
        JoinResult first = await StartAsync();
        Task<JoinResult> secondJoining = Join(Request(""));
        Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Heartbeat("g", first.MemberId, null, first.Generation));
        JoinResult again = await Get(Join(Request(first.MemberId)));
        JoinResult second = await Get(secondJoining);
        Assert.Equal((first.MemberId, first.MemberId), (again.Leader, second.Leader));
        Assert.Equal(first.Generation + 1, second.Generation);
        Assert.Equal(2, again.Members.Count);
        Assert.Empty(second.Members);
        Task<SyncResult> waiting = Sync(second);
        Assert.False(waiting.IsCompleted);
        Assert.Equal([1], (await Get(Sync(again, (again.MemberId, 1), (second.MemberId, 2)))).Assignment);
        Assert.Equal([2], (await Get(waiting)).Assignment);
        Assert.True(_groups.TryDescribe("g", out DescribedGroup group));
        Assert.Equal((GroupState.Stable, 2), (group.State, group.Members.Count));
    }

    [Fact]
    public async Task Join_NewMemberFromVersion4_FirstGetsItsId()
    {
        JoinResult first = await Get(Join(Request("", twoSteps: true)));
        Assert.Equal(ErrorCode.MemberIdRequired, first.Error);
        Assert.NotEmpty(first.MemberId);
        JoinResult second = await Get(Join(Request(first.MemberId, twoSteps: true)));
        Assert.Equal((ErrorCode.None, first.MemberId), (second.Error, second.MemberId));
    }

    [Fact]
    public async Task Expire_MemberSilentForItsSession_IsRemovedAndTheOthersRebalance()
    {
        JoinResult first = await StartAsync();
        Task<JoinResult> secondJoining = Join(Request(""));
        JoinResult again = await Get(Join(Request(first.MemberId)));
        JoinResult second = await Get(secondJoining);
        Task<SyncResult> waiting = Sync(second);
        await Get(Sync(again));
        await Get(waiting);
        _time.Advance(Session / 2);
        Assert.Equal(ErrorCode.None, _groups.Heartbeat("g", second.MemberId, null, second.Generation));
        _time.Advance(Session / 2 + TimeSpan.FromSeconds(1));
        _groups.ExpireAll();
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat("g", first.MemberId, null, again.Generation));
        Assert.Equal(ErrorCode.RebalanceInProgress, _groups.Heartbeat("g", second.MemberId, null, second.Generation));
        JoinResult alone = await Get(Join(Request(second.MemberId)));
        Assert.Equal((second.MemberId, 1), (alone.Leader, alone.Members.Count));
    }

    [Fact]
    public async Task Expire_MemberThatDoesNotRejoin_IsDroppedAtTheRebalanceTimeout()
    {
        JoinResult first = await StartAsync();
        Task<JoinResult> secondJoining = Join(Request(""));
        for (int i = 0; i < 8; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(8));
            _groups.Heartbeat("g", first.MemberId, null, first.Generation); // alive, but it does not join
            _groups.ExpireAll();
        }
        JoinResult second = await Get(secondJoining);
        Assert.Equal((ErrorCode.None, second.MemberId), (second.Error, second.Leader));
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Heartbeat("g", first.MemberId, null, first.Generation));
    }

    [Fact]
    public async Task Join_StaticMemberComesBackUnchanged_KeepsItsShareWithoutRebalance()
    {
        JoinResult first = await StartAsync("device-1");
        JoinResult back = await Get(Join(Request("", "device-1")));
        Assert.Equal((ErrorCode.None, first.Generation), (back.Error, back.Generation));
        Assert.NotEqual(first.MemberId, back.MemberId);
        Assert.Equal(ErrorCode.FencedInstanceId, _groups.Heartbeat("g", first.MemberId, "device-1", first.Generation));
        SyncResult synced = await Get(_groups.SyncAsync(new("g", back.Generation, back.MemberId, "device-1", null, null, []), CancellationToken.None));
        Assert.Equal([9], synced.Assignment);
    }

    [Fact]
    public async Task Leave_LastMember_GroupIsForgotten()
    {
        JoinResult first = await StartAsync();
        Assert.Equal(ErrorCode.None, _groups.Leave("g", new(first.MemberId, null)));
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.Leave("g", new(first.MemberId, null)));
        _groups.ExpireAll();
        Assert.False(_groups.TryDescribe("g", out _));
        Assert.Equal(ErrorCode.None, (await Get(Join(Request("")))).Error);
    }

    [Fact]
    public async Task CheckCommit_OnlyMembersOfTheGeneration_MayCommit()
    {
        Assert.Equal(ErrorCode.None, _groups.CheckCommit("g", "", null, -1));
        Assert.Equal(ErrorCode.IllegalGeneration, _groups.CheckCommit("g", "m", null, 3));
        JoinResult first = await StartAsync();
        Assert.Equal(ErrorCode.None, _groups.CheckCommit("g", first.MemberId, null, first.Generation));
        Assert.Equal(ErrorCode.IllegalGeneration, _groups.CheckCommit("g", first.MemberId, null, first.Generation - 1));
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.CheckCommit("g", "other", null, first.Generation));
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.CheckCommit("g", "", null, -1));
        Assert.Equal(ErrorCode.InvalidGroupId, _groups.CheckCommit("", "", null, -1));
    }

    [Fact]
    public async Task Join_NoCommonProtocol_IsInconsistent()
    {
        await StartAsync();
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Get(Join(Request("", protocols: "sticky")))).Error);
    }

    [Fact]
    public async Task Join_SessionOutsideTheLimits_IsRefused() =>
        Assert.Equal(ErrorCode.InvalidSessionTimeout, (await Get(Join(Request("") with { SessionTimeout = TimeSpan.FromDays(1) }))).Error);

    [Fact]
    public async Task Join_BeyondTheBounds_IsRefused()
    {
        for (int i = 0; i < 5; i++) Assert.Equal(ErrorCode.MemberIdRequired, (await Get(Join(Request("", twoSteps: true)))).Error);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, (await Get(Join(Request("", twoSteps: true)))).Error);
        for (int i = 0; i < 2; i++) await Get(Join(Request("", twoSteps: true, group: $"other{i}")));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, (await Get(Join(Request("", twoSteps: true, group: "one too many")))).Error);
    }

    [Theory]
    [InlineData("g/t/0", "g", "t", 0)]
    [InlineData("a/b/t.x/12", "a/b", "t.x", 12)]
    public void OffsetKey_GroupWithSlashes_IsTakenApart(string text, string group, string topic, int partition)
    {
        Assert.True(OffsetKey.TryParse(text, out OffsetKey key));
        Assert.Equal(new OffsetKey(group, topic, partition), key);
        Assert.Equal(text, key.ToString());
    }
}
