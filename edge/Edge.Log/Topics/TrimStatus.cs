namespace Edge.Log.Topics;

/// <summary>Outcome of <see cref="Partition.TrimAsync"/>.</summary>
public enum TrimStatus : byte
{
    Ok,

    /// <summary>Above the high watermark, or below zero and not -1.</summary>
    OffsetOutOfRange,

    /// <summary>Some forwarder still wants records below the offset; nothing was removed.</summary>
    NotForwarded,

    /// <summary>The journal did not make the change durable (full, fenced or stopped).</summary>
    Failed,
}
