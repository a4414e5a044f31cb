using Edge.Log.Topics;

namespace Edge.Host.Configuration;

/// <summary>A topic of the configuration.</summary>
public sealed record TopicOptions
{
    public int Partitions { get; set; } = 4;
    public TopicConfig Config { get; set; } = new();
}
