using Edge.Catalog.Users;
using Edge.Mqtt.Security;
using Edge.Mqtt.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Mqtt.Tests.Security;

public sealed class UserAccessTests
{
    private static MqttCredentials Of(string? user, string? password, string address = "10.0.0.1", string? certificate = null) =>
        new("c", user, password is null ? null : System.Text.Encoding.UTF8.GetBytes(password), certificate, address);

    private static (MqttLoginStatus, string) Both(MqttLogin login) => (login.Status, login.UserName);

    [Fact]
    public async Task Login_Table()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", [], []));
        await users.AddAsync("machine", [], [], password: null);
        UserAccess access = users.Access;
        Assert.Equal((MqttLoginStatus.Accepted, "alice"), Both(await access.LoginAsync(Of("alice", TestUsers.Password), default)));
        Assert.Equal((MqttLoginStatus.Accepted, "alice"), Both(await access.LoginAsync(Of("alice", TestUsers.Password), default))); // recognised
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of("alice", "wrong"), default)).Status);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of("alice", null), default)).Status);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of(null, null, "127.0.0.1"), default)).Status);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of("machine", "", "10.0.0.3"), default)).Status); // has no password: certificate only
        Assert.Equal((MqttLoginStatus.Accepted, "machine"), Both(await access.LoginAsync(Of("alice", "wrong", certificate: "machine"), default)));
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of(null, null, certificate: "stranger"), default)).Status);
    }

    // Goal: out of the box nothing that other machines reach works without a credential; this machine needs none.
    [Theory]
    [InlineData(MqttAnonymous.Local, "127.0.0.1", true)]
    [InlineData(MqttAnonymous.Local, "::1", true)]
    [InlineData(MqttAnonymous.Local, "10.0.0.1", false)]
    [InlineData(MqttAnonymous.Local, "local", false)]
    [InlineData(MqttAnonymous.Always, "10.0.0.1", true)]
    [InlineData(MqttAnonymous.Never, "127.0.0.1", false)]
    public async Task Login_WithoutName_Table(MqttAnonymous anonymous, string address, bool accepted)
    {
        await using TestUsers users = await TestUsers.StartAsync(anonymous, TimeProvider.System);
        MqttLoginStatus expected = accepted ? MqttLoginStatus.Accepted : MqttLoginStatus.BadCredentials;
        Assert.Equal(expected, (await users.Access.LoginAsync(Of(null, null, address), default)).Status);
        Assert.Equal((expected, accepted ? "anybody" : ""), Both(await users.Access.LoginAsync(Of("anybody", "x", address), default))); // nobody it could pretend to be
        await users.AddAsync("alice", [], []);
        Assert.Equal(expected, (await users.Access.LoginAsync(Of(null, null, address), default)).Status);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await users.Access.LoginAsync(Of("anybody", "x", "10.9.9.9"), default)).Status);
        Assert.False(users.Access.Exists("anybody"));
    }

    [Fact]
    public async Task Rights_WithoutName_AreThoseOfTheUserAnonymous()
    {
        await using TestUsers users = await TestUsers.StartAsync(MqttAnonymous.Local, TimeProvider.System);
        Assert.True(users.Access.MayPublish("", "c", "a/b"));
        await users.AddAsync("anonymous", ["open/%c"], []);
        Assert.False(users.Access.MayPublish("", "c", "a/b"));
        Assert.True(users.Access.MayPublish("", "c", "open/c"));
        Assert.False(users.Access.MaySubscribe("", "c", "open/c"));
    }

    // Goal: of 1 000 guesses at most 10 are evaluated, for one account from many addresses and for many accounts from one; after a minute it goes on.
    [Fact]
    public async Task Login_Guessing_IsHeldBackPerAccountAndAddress()
    {
        FakeTimeProvider clock = new();
        await using TestUsers users = await TestUsers.StartAsync(MqttAnonymous.Never, clock, ("alice", [], []));
        UserAccess access = users.Access;
        for (int i = 0; i < 500; i++) await access.LoginAsync(Of("alice", $"guess{i}", $"10.1.{i / 250}.{i % 250}"), default);
        for (int i = 0; i < 500; i++) await access.LoginAsync(Of($"user{i}", "guess", "10.2.0.1"), default);
        Assert.Equal(10, access.Refused);
        Assert.Equal(990, access.Limited);
        Assert.Equal(MqttLoginStatus.TryLater, (await access.LoginAsync(Of("alice", TestUsers.Password, "10.3.0.1"), default)).Status);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(MqttLoginStatus.Accepted, (await access.LoginAsync(Of("alice", TestUsers.Password, "10.3.0.1"), default)).Status);
    }

    [Fact]
    public async Task PasswordChanged_OldOneIsNotRecognised()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", [], []));
        Assert.Equal(MqttLoginStatus.Accepted, (await users.Access.LoginAsync(Of("alice", TestUsers.Password), default)).Status);
        int version = users.Access.Version;
        Assert.Equal(UserChange.Ok, (await users.Store.AddAsync("alice", "another one", mayExist: true)).Change);
        Assert.NotEqual(version, users.Access.Version);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await users.Access.LoginAsync(Of("alice", TestUsers.Password), default)).Status);
    }

    // Goal: no rules, no rights. Source of the case: CVE-2018-12550.
    [Fact]
    public async Task Cve201812550_UserWithoutRules_MayDoNothing()
    {
        await using TestUsers users = await TestUsers.StartAsync(("alice", [], []));
        Assert.False(users.Access.MayPublish("alice", "c", "t"));
        Assert.False(users.Access.MaySubscribe("alice", "c", "t"));
        Assert.False(users.Access.MayPublish("nobody", "c", "t"));
    }
}
