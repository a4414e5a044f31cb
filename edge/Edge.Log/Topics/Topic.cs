namespace Edge.Log.Topics;

/// <summary>A named set of partitions. One instance lives as long as the topic exists; compare by reference.</summary>
public sealed class Topic
{
    private volatile Partition[] _partitions = [];
    private volatile TopicConfig _config;
    private volatile bool _isDeleted;

    internal Topic(string name, Guid id, TopicConfig config)
    {
        Name = name;
        Id = id;
        _config = config;
        IsInternal = name.StartsWith("__", StringComparison.Ordinal);
    }

    public string Name { get; }

    /// <summary>Random, never empty: Kafka's topic id.</summary>
    public Guid Id { get; }

    /// <summary>The name begins with two underscores: kept by Edge itself, never forwarded.</summary>
    public bool IsInternal { get; }

    public bool IsDeleted { get => _isDeleted; internal set => _isDeleted = value; }

    /// <summary>Replaced as a whole when the topic is altered; never changed in place.</summary>
    public TopicConfig Config { get => _config; internal set => _config = value; }

    /// <summary>In order of their index. Replaced when partitions are added.</summary>
    public IReadOnlyList<Partition> Partitions => _partitions;

    internal void SetPartitions(Partition[] partitions) => _partitions = partitions;

    public override string ToString() => Name;
}
