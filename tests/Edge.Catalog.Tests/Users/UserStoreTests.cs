using System.Text;
using Edge.Catalog.Users;
using Edge.Log;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Catalog.Tests.Users;

public sealed class UserStoreTests
{
    private static Journal Open(SimulatedDisk disk)
    {
        Journal journal = Journal.Open(disk, new LogOptions { SegmentBytes = 8 << 20, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        return journal;
    }

    private static async Task<bool> VerifyAsync(UserStore users, string name, string password) =>
        (await users.VerifyAsync(name, Encoding.UTF8.GetBytes(password), null, CancellationToken.None)).Check == PasswordCheck.Right;

    [Fact]
    public async Task Users_OverARestart_LogInWithTheirPasswordAndKeepTheirRules()
    {
        var disk = new SimulatedDisk(1);
        await using (Journal journal = Open(disk))
        {
            using var users = new UserStore(journal, TimeProvider.System);
            Assert.Equal(UserChange.Ok, (await users.AddAsync("pump", "long enough")).Change);
            Assert.Equal(UserChange.AlreadyExists, (await users.AddAsync("pump", "another one")).Change);
            Assert.Equal(UserChange.Ok, (await users.AllowAsync("pump", new AclRule(AclOperation.Publish, "a/#"))).Change);
            Assert.Equal(UserChange.Ok, (await users.AllowAsync("pump", new AclRule(AclOperation.Subscribe, "a/#"))).Change);
        }
        await using (Journal journal = Open(disk))
        {
            using var users = new UserStore(journal, TimeProvider.System);
            Assert.True(await VerifyAsync(users, "pump", "long enough"));
            Assert.True(await VerifyAsync(users, "pump", "long enough")); // recognised
            Assert.False(await VerifyAsync(users, "pump", "long enougH"));
            Assert.False(await VerifyAsync(users, "nobody", "long enough"));
            Assert.True(users.TryGet("pump", out CatalogUser user));
            Assert.True(user.May(AclOperation.Publish | AclOperation.Subscribe, "a/b"));
            Assert.False(user.May(AclOperation.Admin, "a/b"));
            Assert.Equal(UserChange.Ok, (await users.AddAsync("pump", "a new password", mayExist: true)).Change);
            Assert.False(await VerifyAsync(users, "pump", "long enough"));
            Assert.True(await VerifyAsync(users, "pump", "a new password"));
            Assert.Equal(UserChange.Ok, (await users.RevokeAsync("pump", new AclRule(AclOperation.Publish, "a/#"))).Change);
            Assert.True(users.TryGet("pump", out user) && !user.May(AclOperation.Publish, "a/b") && user.May(AclOperation.Subscribe, "a/b"));
            Assert.Equal(UserChange.Ok, (await users.RemoveAsync("pump")).Change);
            Assert.False(await VerifyAsync(users, "pump", "a new password"));
        }
    }

    [Fact]
    public async Task Stored_Value_HasNoPasswordAndEnoughIterations()
    {
        await using Journal journal = Open(new SimulatedDisk(1));
        using var users = new UserStore(journal, TimeProvider.System);
        await users.AddAsync("pump", "correct horse");
        Assert.True(journal.GetTable("__catalog").TryGet("user/pump", out ReadOnlyMemory<byte> value));
        Assert.DoesNotContain("correct horse", Encoding.UTF8.GetString(value.Span), StringComparison.Ordinal);
        Assert.True(users.TryGet("pump", out CatalogUser user));
        Assert.True(user.Password!.Iterations >= 600_000 && user.Scram256!.Iterations >= 4096 && user.Scram512!.Iterations >= 4096);
    }

    [Theory]
    [InlineData("", "long enough")]
    [InlineData("a b", "long enough")]
    [InlineData("pump/#", "long enough")]
    [InlineData("pump", "short")]
    public async Task Add_NameOrPasswordNotAllowed_IsRefusedWithTheReason(string name, string password)
    {
        await using Journal journal = Open(new SimulatedDisk(1));
        using var users = new UserStore(journal, TimeProvider.System);
        (UserChange change, string? problem) = await users.AddAsync(name, password);
        Assert.Equal(UserChange.Invalid, change);
        Assert.Contains("use ", problem!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "telemetry", true)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a/b/d", false)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("plant.*", "plant.7", true)]
    [InlineData("plant.*", "plants", false)]
    [InlineData("*.raw", "x.raw", true)]
    [InlineData("a*c*e", "abcde", true)]
    [InlineData("a*c*e", "abcd", false)]
    [InlineData("a*", "a/b", false)]
    [InlineData("sensors/%u/#", "sensors/pump/t", true)]
    [InlineData("sensors/%u/#", "sensors/other/t", false)]
    public void Pattern_OnTopics_Matches(string pattern, string topic, bool expected)
    {
        Assert.Null(TopicPattern.ProblemOf(pattern));
        Assert.Equal(expected, TopicPattern.Covers(pattern, topic, "pump", ""));
    }

    // What a subscription asks for must be covered as a whole; wildcards do not reach into $ topics.
    [Theory]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "#", true)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/broker/uptime", true)]
    [InlineData("a/#", "a/+/c", true)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a/*", "a/+", false)]
    [InlineData("a/b", "#", false)]
    [InlineData("u/%u/c/%c", "u/alice/c/dev-1", true)]
    [InlineData("u/%u/#", "u/bob/x", false)]
    [InlineData("u/x-%u/#", "u/x-alice/y", true)]
    public void Pattern_OnFilters_CoversAllOrNothing(string pattern, string filter, bool expected) => Assert.Equal(expected, TopicPattern.Covers(pattern, filter, "alice", "dev-1"));

    // Goal: a name cannot be a wildcard. Source: CVE-2017-7650.
    [Theory]
    [InlineData("#")]
    [InlineData("+")]
    [InlineData("*")]
    [InlineData("a/b")]
    [InlineData("")]
    public void Cve20177650_NameWithWildcards_NeverMatches(string name)
    {
        foreach (string filter in new[] { "d/#", "d/+", "d/a/b", "d/", "d/x", $"d/{name}" })
        {
            Assert.False(TopicPattern.Covers("d/%u", filter, name, "c"));
            Assert.False(TopicPattern.Covers("d/%c/#", filter, "u", name));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/#/b")]
    [InlineData("a#")]
    [InlineData("a+/b")]
    public void Pattern_Malformed_IsNamed(string pattern) => Assert.NotNull(TopicPattern.ProblemOf(pattern));
}
