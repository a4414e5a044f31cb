using Edge.Catalog.Users;

namespace Edge.Kafka.Security;

/// <summary>The mechanisms that are offered.</summary>
internal static class SaslMechanisms
{
    private const string Plain = "PLAIN", Scram256 = "SCRAM-SHA-256", Scram512 = "SCRAM-SHA-512";

    public static IReadOnlyList<string> Names { get; } = [Plain, Scram256, Scram512];

    /// <returns>Null: not offered.</returns>
    public static ISaslServer? Begin(string name, UserStore users) => name switch
    {
        Plain => new SaslPlain(users),
        Scram256 => new SaslScram(users, isSha512: false),
        Scram512 => new SaslScram(users, isSha512: true),
        _ => null,
    };
}
