namespace Edge.Catalog.Users;

/// <summary>Someone, or something, that logs in. Immutable; a change makes another one.</summary>
/// <param name="Name">1 to 64 of A-Z a-z 0-9 . _ @ -</param>
/// <param name="Password">Null: logs in with a client certificate only.</param>
public sealed record CatalogUser(string Name, PasswordHash? Password, ScramKeys? Scram256, ScramKeys? Scram512, IReadOnlyList<AclRule> Rules, DateTimeOffset Created)
{
    public const int MaxRules = 256;

    /// <summary>True when some rule allows all of the operations on that topic, or on all that an MQTT filter can mean.</summary>
    /// <param name="clientId">The MQTT client's, for <c>%c</c>; empty elsewhere.</param>
    public bool May(AclOperation operations, string topic, string clientId = "")
    {
        foreach (AclRule rule in Rules)
            if ((rule.Operations & operations) == operations && TopicPattern.Covers(rule.Pattern, topic, Name, clientId)) return true;
        return false;
    }

    /// <summary>May it do this to the appliance as a whole? Only with a rule for everything.</summary>
    public bool MayEverywhere(AclOperation operations)
    {
        foreach (AclRule rule in Rules)
            if ((rule.Operations & operations) == operations && rule.Pattern == "#") return true;
        return false;
    }
}
