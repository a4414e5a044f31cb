using Edge.Log.Topics;

namespace Edge.Ingest;

/// <summary>Settings of ingest.</summary>
public sealed record IngestOptions
{
    /// <summary>Bytes accepted and not yet durable, over all sources. Above it sources wait. Default 32 MiB.</summary>
    public int MaxInFlightBytes { get; set; } = 32 << 20;

    /// <summary>Largest record: key + value + headers. Bytes. Default 896 KiB.</summary>
    public int MaxRecordBytes { get; set; } = 896 << 10;

    /// <summary>Whether a topic that does not exist is made when a record for it arrives.</summary>
    public bool AutoCreateTopics { get; set; } = true;

    /// <summary>Partitions of a topic made that way. Default 4.</summary>
    public int DefaultPartitions { get; set; } = 4;

    /// <summary>Settings of a topic made that way.</summary>
    public TopicConfig TopicDefaults { get; set; } = new();

    /// <summary>Every problem at once.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxRecordBytes is < 1024 or > 896 << 10) yield return $"Limits:MaxRecordBytes is {MaxRecordBytes}; use 1024 to {896 << 10}.";
        if (MaxInFlightBytes < 2 << 20) yield return $"Ingest:MaxInFlightBytes is {MaxInFlightBytes}; use {2 << 20} or more.";
        if (DefaultPartitions is < 1 or > TopicRegistry.MaxPartitionsOfTopic)
            yield return $"Topics:Defaults partitions is {DefaultPartitions}; use 1 to {TopicRegistry.MaxPartitionsOfTopic}.";
        if (TopicRegistry.ProblemOf(TopicDefaults) is { } problem) yield return $"Topics:Defaults: {problem}";
    }
}
