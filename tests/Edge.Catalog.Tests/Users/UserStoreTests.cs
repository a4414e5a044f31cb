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
        await users.VerifyAsync(name, Encoding.UTF8.GetBytes(password), CancellationToken.None) is not null;

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
    [InlineData("sensors/{user}/#", "sensors/pump/t", true)]
    [InlineData("sensors/{user}/#", "sensors/other/t", false)]
    public void Pattern_OnTopics_Matches(string pattern, string topic, bool expected)
    {
        Assert.Null(TopicPattern.ProblemOf(pattern));
        Assert.Equal(expected, TopicPattern.Matches(pattern, topic, "pump"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/#/b")]
    [InlineData("a#")]
    [InlineData("a+/b")]
    public void Pattern_Malformed_IsNamed(string pattern) => Assert.NotNull(TopicPattern.ProblemOf(pattern));
}
