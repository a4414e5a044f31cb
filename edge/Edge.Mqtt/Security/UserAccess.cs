using System.Security.Cryptography;
using System.Text;

namespace Edge.Mqtt.Security;

/// <summary>Users with passwords or client certificates, each with its own rights; what no rule allows is refused.</summary>
/// <remarks>
/// Hashing a password is slow by design, so it has one worker and a bounded queue of its own: guessing cannot starve the broker. A password that was right is
/// remembered as a keyed digest in memory, so that devices that come back cost nothing.
/// </remarks>
public sealed class UserAccess : IMqttAccess, IDisposable
{
    private const int MaxWaiting = 64, MaxRemembered = 20_000, MaxFailuresPerMinute = 5;

    // Verified for users that do not exist, so that an answer takes the same time.
    private static readonly Lazy<string> Nobody = new(static () => MqttPassword.Hash(RandomNumberGenerator.GetBytes(16)));

    private readonly SemaphoreSlim _hashing = new(1, 1);
    private readonly LoginLimiter _limiter;
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _remembered = new(StringComparer.Ordinal);
    private volatile Dictionary<string, Entry> _users;
    private readonly bool _allowAnonymous;
    private int _version, _waiting;
    private long _refused, _limited;

    private sealed record Entry(string Hash, AccessPattern[] Publish, AccessPattern[] Subscribe);

    /// <param name="users">By name; checked by <see cref="MqttUser.Validate"/> before. The user named <c>anonymous</c> has the rights of clients without a name.</param>
    /// <param name="allowAnonymous">Lets clients without a user name in.</param>
    public UserAccess(IReadOnlyDictionary<string, MqttUser> users, bool allowAnonymous, TimeProvider timeProvider)
    {
        _users = Compile(users);
        _allowAnonymous = allowAnonymous;
        _limiter = new LoginLimiter(MaxFailuresPerMinute, timeProvider);
    }

    public int Version => Volatile.Read(ref _version);
    public bool IsOpen => false;

    /// <summary>Logins refused for wrong credentials.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Logins turned away unread: too many failures or too many at once.</summary>
    public long Limited => Volatile.Read(ref _limited);

    /// <summary>Puts other users in place. Whoever may no longer be there is closed by the broker within a second.</summary>
    public void Replace(IReadOnlyDictionary<string, MqttUser> users)
    {
        _users = Compile(users);
        lock (_gate) _remembered.Clear();
        Interlocked.Increment(ref _version);
    }

    public async ValueTask<MqttLogin> LoginAsync(MqttCredentials credentials, CancellationToken cancellationToken)
    {
        // A certificate the listener has checked names the user; it needs no password.
        if (credentials.CertificateName is { Length: > 0 } certified) return _users.ContainsKey(certified) ? new MqttLogin(MqttLoginStatus.Accepted, certified) : Refuse(credentials.Address, certified);
        if (string.IsNullOrEmpty(credentials.UserName)) return _allowAnonymous ? new MqttLogin(MqttLoginStatus.Accepted) : Refuse(credentials.Address, "");
        string user = credentials.UserName;
        if (!_limiter.MayTry($"a {credentials.Address}", $"u {user}")) return Later();
        byte[] password = credentials.Password ?? [];
        Entry? entry = _users.GetValueOrDefault(user);
        string digest = Digest(user, entry?.Hash ?? "", password);
        lock (_gate)
        {
            if (entry is not null && _remembered.Contains(digest)) return new MqttLogin(MqttLoginStatus.Accepted, user);
        }
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return Later();
        }
        try
        {
            await _hashing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Asked again: while this one waited, others may have failed.
                if (!_limiter.MayTry($"a {credentials.Address}", $"u {user}")) return Later();
                bool isRight = await Task.Run(() => MqttPassword.Verify(password, entry is { Hash.Length: > 0 } ? entry.Hash : Nobody.Value), cancellationToken).ConfigureAwait(false);
                if (entry is null || entry.Hash.Length == 0 || !isRight) return Refuse(credentials.Address, user);
            }
            finally { _hashing.Release(); }
        }
        finally { Interlocked.Decrement(ref _waiting); }
        lock (_gate)
        {
            if (_remembered.Count >= MaxRemembered) _remembered.Clear();
            _remembered.Add(digest);
        }
        return new MqttLogin(MqttLoginStatus.Accepted, user);
    }

    public bool Exists(string user) => user.Length == 0 ? _allowAnonymous : _users.ContainsKey(user);

    public bool MayPublish(string user, string clientId, string topic) =>
        RightsOf(user) is { } entry && Array.Exists(entry.Publish, pattern => pattern.Covers(topic, user, clientId));

    public bool MaySubscribe(string user, string clientId, string filter) =>
        RightsOf(user) is { } entry && Array.Exists(entry.Subscribe, pattern => pattern.Covers(filter, user, clientId));

    public void Dispose() => _hashing.Dispose();

    private Entry? RightsOf(string user) => _users.GetValueOrDefault(user.Length == 0 ? "anonymous" : user);

    private MqttLogin Refuse(string address, string user)
    {
        Interlocked.Increment(ref _refused);
        _limiter.Failed($"a {address}", $"u {user}");
        return new MqttLogin(MqttLoginStatus.BadCredentials);
    }

    private MqttLogin Later()
    {
        Interlocked.Increment(ref _limited);
        return new MqttLogin(MqttLoginStatus.TryLater);
    }

    private string Digest(string user, string hash, byte[] password) =>
        Convert.ToBase64String(HMACSHA256.HashData(_secret, (byte[])[.. Encoding.UTF8.GetBytes(user), 0, .. Encoding.UTF8.GetBytes(hash), 0, .. password]));

    private static Dictionary<string, Entry> Compile(IReadOnlyDictionary<string, MqttUser> users)
    {
        Dictionary<string, Entry> compiled = new(StringComparer.Ordinal);
        foreach ((string name, MqttUser user) in users)
            compiled[name] = new Entry(HashOf(user), [.. user.Publish.Select(static p => new AccessPattern(p))], [.. user.Subscribe.Select(static p => new AccessPattern(p))]);
        return compiled;
    }

    private static string HashOf(MqttUser user) => user.PasswordFile.Length == 0
        ? user.PasswordHash
        : MqttPassword.Hash(Encoding.UTF8.GetBytes(File.ReadAllText(user.PasswordFile).TrimEnd('\r', '\n')));
}
