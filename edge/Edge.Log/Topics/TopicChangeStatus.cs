namespace Edge.Log.Topics;

/// <summary>Outcome of a change of a topic.</summary>
public enum TopicChangeStatus : byte
{
    Ok,
    AlreadyExists,
    NotFound,
    InvalidName,
    InvalidPartitions,
    InvalidConfig,
    LimitReached,

    /// <summary>Some forwarder still wants records that would go; nothing was changed.</summary>
    NotForwarded,

    /// <summary>The journal did not make the change durable (full or fenced).</summary>
    Failed,
}
