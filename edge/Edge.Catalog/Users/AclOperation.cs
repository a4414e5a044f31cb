namespace Edge.Catalog.Users;

/// <summary>What a rule allows.</summary>
[Flags]
public enum AclOperation : byte
{
    None = 0,

    /// <summary>Writing records: an MQTT publish, a Kafka produce.</summary>
    Publish = 1,

    /// <summary>Reading records: an MQTT subscription, a Kafka fetch, the offsets of a group.</summary>
    Subscribe = 2,

    /// <summary>Making, changing and deleting topics, and their records.</summary>
    Admin = 4,

    All = Publish | Subscribe | Admin,
}
