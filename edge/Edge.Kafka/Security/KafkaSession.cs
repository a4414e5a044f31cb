using Edge.Catalog.Users;

namespace Edge.Kafka.Security;

/// <summary>Who a connection is, and what it may do. Asked by one request at a time.</summary>
/// <remarks>The user is looked up for each question, so a rule or user that is removed counts at once, on open connections too.</remarks>
internal sealed class KafkaSession
{
    private readonly UserStore? _users;
    private readonly Dictionary<(AclOperation, string), bool> _known = [];
    private readonly Lock _lock = new();
    private CatalogUser? _knownFor;

    /// <param name="users">Null: there is no store; then only connections that need no credentials work.</param>
    /// <param name="needsCredentials">False: local, or everyone is let in; until it logs in it may do everything.</param>
    /// <param name="certificateUser">Name in the client's certificate, which was verified; null without one.</param>
    public KafkaSession(UserStore? users, bool needsCredentials, string? certificateUser)
    {
        _users = users;
        NeedsCredentials = needsCredentials;
        UserName = certificateUser is not null && users is not null && users.TryGet(certificateUser, out _) ? certificateUser : null;
    }

    public static KafkaSession Unrestricted { get; } = new(null, needsCredentials: false, null);

    public bool NeedsCredentials { get; }

    /// <summary>Null while nobody has logged in.</summary>
    public string? UserName { get; private set; }

    /// <summary>May it ask for anything but a log-in?</summary>
    public bool IsOpen => !NeedsCredentials || UserName is not null;

    /// <summary>The log-in under way; null before the handshake and when it is done.</summary>
    public ISaslServer? Sasl { get; set; }

    /// <summary>The log-in's messages come without request headers: the handshake was of version 0.</summary>
    public bool IsSaslRaw { get; set; }

    public UserStore? Users => _users;

    public void LoggedIn(string user) => (UserName, Sasl, IsSaslRaw) = (user, null, false);

    public bool May(AclOperation operations, string topic)
    {
        if (UserName is null) return !NeedsCredentials;
        if (!_users!.TryGet(UserName, out CatalogUser user)) return false; // removed since
        lock (_lock)
        {
            if (!ReferenceEquals(_knownFor, user) || _known.Count > 10_000)
            {
                _known.Clear();
                _knownFor = user;
            }
            if (!_known.TryGetValue((operations, topic), out bool allowed)) _known[(operations, topic)] = allowed = user.May(operations, topic);
            return allowed;
        }
    }

    /// <summary>May it see that the topic exists?</summary>
    public bool MaySee(string topic) => May(AclOperation.Publish, topic) || May(AclOperation.Subscribe, topic) || May(AclOperation.Admin, topic);

    public bool MayEverywhere(AclOperation operations) => UserName is null ? !NeedsCredentials : _users!.TryGet(UserName, out CatalogUser user) && user.MayEverywhere(operations);
}
