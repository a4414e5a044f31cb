using System.Net;
using Edge.Catalog.Users;

namespace Edge.Mqtt.Security;

/// <summary>The users of the catalog at the MQTT listeners: passwords or client certificates, each with its own rights; what no rule allows is refused.</summary>
/// <remarks>
/// Clients without a name are let in as <c>Mqtt:Anonymous</c> says; they have the rights of the user <c>anonymous</c> where there is one, else all. While there are no
/// users at all, a client that may come without a name may also give one: there is nobody it could pretend to be.
/// </remarks>
public sealed class UserAccess : IMqttAccess
{
    private const int MaxFailuresPerMinute = 5;
    private const string AnonymousUser = "anonymous";
    private readonly UserStore _users;
    private readonly MqttAnonymous _anonymous;
    private readonly LoginLimiter _limiter;
    private long _refused, _limited;

    public UserAccess(UserStore users, MqttAnonymous anonymous, TimeProvider timeProvider)
    {
        (_users, _anonymous) = (users, anonymous);
        _limiter = new LoginLimiter(MaxFailuresPerMinute, timeProvider);
    }

    public int Version => _users.Version;
    public bool IsOpen => false;

    /// <summary>Logins refused for wrong credentials.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Logins turned away unread: too many failures or too many at once.</summary>
    public long Limited => Volatile.Read(ref _limited);

    public async ValueTask<MqttLogin> LoginAsync(MqttCredentials credentials, CancellationToken cancellationToken)
    {
        // A certificate the listener has checked names the user; it needs no password.
        if (credentials.CertificateName is { Length: > 0 } certified)
            return _users.TryGet(certified, out _) ? new MqttLogin(MqttLoginStatus.Accepted, certified) : Refuse(credentials.Address, certified);
        string user = credentials.UserName ?? "";
        if (user.Length == 0 || _users.Count == 0)
        {
            if (MayBeAnonymous(credentials.Address)) return new MqttLogin(MqttLoginStatus.Accepted, user);
            if (user.Length == 0) return Refuse(credentials.Address, "");
        }
        if (!MayTry()) return Later();
        (PasswordCheck check, CatalogUser? found) = await _users.VerifyAsync(user, credentials.Password ?? [], MayTry, cancellationToken).ConfigureAwait(false);
        return check switch
        {
            PasswordCheck.Right => new MqttLogin(MqttLoginStatus.Accepted, found!.Name),
            PasswordCheck.Wrong => Refuse(credentials.Address, user),
            _ => Later(),
        };

        bool MayTry() => _limiter.MayTry($"a {credentials.Address}", $"u {user}");
    }

    public bool Exists(string user) => user.Length == 0 ? _anonymous != MqttAnonymous.Never : _users.Count == 0 || _users.TryGet(user, out _);

    public bool MayPublish(string user, string clientId, string topic) => May(AclOperation.Publish, user, clientId, topic);

    public bool MaySubscribe(string user, string clientId, string filter) => May(AclOperation.Subscribe, user, clientId, filter);

    private bool May(AclOperation operation, string user, string clientId, string topic)
    {
        if (user.Length > 0 && _users.Count > 0) return _users.TryGet(user, out CatalogUser named) && named.May(operation, topic, clientId);
        return !_users.TryGet(AnonymousUser, out CatalogUser nobody) || nobody.May(operation, topic, clientId);
    }

    private bool MayBeAnonymous(string address) => _anonymous switch
    {
        MqttAnonymous.Always => true,
        MqttAnonymous.Never => false,
        _ => IPAddress.TryParse(address, out IPAddress? ip) && IPAddress.IsLoopback(ip),
    };

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
}
