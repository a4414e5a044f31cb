using Edge.Mqtt.Security;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Mqtt.Tests.Security;

public sealed class UserAccessTests
{
    internal static string FastHash(string password) => MqttPassword.Hash(System.Text.Encoding.UTF8.GetBytes(password), iterations: 1000);

    private static MqttCredentials Of(string? user, string? password, string address = "10.0.0.1", string? certificate = null) =>
        new("c", user, password is null ? null : System.Text.Encoding.UTF8.GetBytes(password), certificate, address);

    private static UserAccess Access(TimeProvider? clock = null, bool anonymous = false) =>
        new(new Dictionary<string, MqttUser> { ["alice"] = new() { PasswordHash = FastHash("right") }, ["machine"] = new() }, anonymous, clock ?? TimeProvider.System);

    [Fact]
    public void Hash_OfTheSamePassword_IsSaltedAndVerifies()
    {
        string one = FastHash("secret"), two = FastHash("secret");
        Assert.NotEqual(one, two);
        Assert.True(MqttPassword.Verify("secret"u8, one));
        Assert.False(MqttPassword.Verify("Secret"u8, one));
        Assert.StartsWith("pbkdf2-sha256$600000$", MqttPassword.Hash("x"u8));
    }

    // Goal: a hash that is none lets nobody in. Source of the case: CVE-2018-12551.
    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("pbkdf2-sha256$600000$AAAA")]
    [InlineData("pbkdf2-sha256$1$AAAAAAAAAAA=$AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("pbkdf2-sha256$99999999999$AAAAAAAAAAA=$AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("pbkdf2-sha256$1000$$")]
    public void Verify_HashIsMalformed_IsFalse(string hash)
    {
        Assert.False(MqttPassword.IsHash(hash));
        Assert.False(MqttPassword.Verify("secret"u8, hash));
        Assert.False(MqttPassword.Verify(""u8, hash));
    }

    [Fact]
    public async Task Login_Table()
    {
        using UserAccess access = Access();
        Assert.Equal((MqttLoginStatus.Accepted, "alice"), Both(await access.LoginAsync(Of("alice", "right"), default)));
        Assert.Equal((MqttLoginStatus.Accepted, "alice"), Both(await access.LoginAsync(Of("alice", "right"), default))); // from memory
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of("alice", "wrong"), default)).Status);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of("alice", null), default)).Status);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of(null, null, "10.0.0.2"), default)).Status);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of("machine", "", "10.0.0.3"), default)).Status); // has no password: certificate only
        Assert.Equal((MqttLoginStatus.Accepted, "machine"), Both(await access.LoginAsync(Of("alice", "wrong", certificate: "machine"), default)));
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of(null, null, certificate: "stranger"), default)).Status);
        using UserAccess open = Access(anonymous: true);
        Assert.Equal((MqttLoginStatus.Accepted, ""), Both(await open.LoginAsync(Of(null, null), default)));

        static (MqttLoginStatus, string) Both(MqttLogin login) => (login.Status, login.UserName);
    }

    // Goal: of 1 000 guesses at most 10 are evaluated, for one account from many addresses and for many accounts from one; after a minute it goes on.
    [Fact]
    public async Task Login_Guessing_IsHeldBackPerAccountAndAddress()
    {
        FakeTimeProvider clock = new();
        using UserAccess access = Access(clock);
        for (int i = 0; i < 500; i++) await access.LoginAsync(Of("alice", $"guess{i}", $"10.1.{i / 250}.{i % 250}"), default);
        for (int i = 0; i < 500; i++) await access.LoginAsync(Of($"user{i}", "guess", "10.2.0.1"), default);
        Assert.Equal(10, access.Refused);
        Assert.Equal(990, access.Limited);
        Assert.Equal(MqttLoginStatus.TryLater, (await access.LoginAsync(Of("alice", "right", "10.3.0.1"), default)).Status);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(MqttLoginStatus.Accepted, (await access.LoginAsync(Of("alice", "right", "10.3.0.1"), default)).Status);
    }

    [Fact]
    public async Task Replace_PasswordChanged_OldOneIsNotRemembered()
    {
        using UserAccess access = Access();
        Assert.Equal(MqttLoginStatus.Accepted, (await access.LoginAsync(Of("alice", "right"), default)).Status);
        int version = access.Version;
        access.Replace(new Dictionary<string, MqttUser> { ["alice"] = new() { PasswordHash = FastHash("other") } });
        Assert.NotEqual(version, access.Version);
        Assert.Equal(MqttLoginStatus.BadCredentials, (await access.LoginAsync(Of("alice", "right"), default)).Status);
    }

    // Goal: no rules, no rights. Source of the case: CVE-2018-12550.
    [Fact]
    public void Rights_UserWithoutRules_MayDoNothing()
    {
        using UserAccess access = Access();
        Assert.False(access.MayPublish("alice", "c", "t"));
        Assert.False(access.MaySubscribe("alice", "c", "t"));
        Assert.False(access.MayPublish("nobody", "c", "t"));
    }
}
