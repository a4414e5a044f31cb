using Edge.Log.Topics;

namespace Edge.Testing.Simulation;

/// <summary>A topic the workload created.</summary>
public sealed class ModelTopic(string name, int partitions, TopicConfig config)
{
    public string Name => name;
    public int Partitions => partitions;
    public TopicConfig Config => config;

    /// <summary>False: asked for, not answered yet; it may be there or not.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>Per partition: retention may have removed what is below.</summary>
    public long[] MaxLogStart { get; } = new long[partitions];

    public ModelTopic Clone()
    {
        ModelTopic clone = new(name, partitions, config) { IsAcknowledged = IsAcknowledged };
        MaxLogStart.CopyTo(clone.MaxLogStart, 0);
        return clone;
    }
}
