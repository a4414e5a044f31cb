namespace Edge.Log.Topics;

/// <summary>Settings of one topic. Names in files and on the wire are Kafka's (<c>retention.ms</c>, …).</summary>
public sealed record TopicConfig
{
    /// <summary>How long records are kept. Milliseconds; -1 = for ever. Default 7 days.</summary>
    public long RetentionMs { get; set; } = 7L * 24 * 3600 * 1000;

    /// <summary>Bytes kept per partition; -1 = no limit (default).</summary>
    public long RetentionBytes { get; set; } = -1;

    public CleanupPolicy CleanupPolicy { get; set; } = CleanupPolicy.Delete;

    public FullPolicy Full { get; set; } = FullPolicy.Reject;
}
