namespace Edge.Log.Topics;

public enum TopicChangeStatus : byte
{
    Ok,
    AlreadyExists,
    NotFound,
    InvalidName,
    InvalidPartitions,
    InvalidConfig,
    LimitReached,

    /// <summary>The journal did not make the change durable (full or fenced).</summary>
    Failed,
}
