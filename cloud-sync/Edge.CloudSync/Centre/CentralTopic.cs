using Confluent.Kafka;
using Edge.Log.Records;

namespace Edge.CloudSync.Centre;

/// <summary>A topic at the centre with its partition count; the count stands for the life of the object.</summary>
internal sealed class CentralTopic
{
    private readonly TopicPartition[] _partitions;

    /// <param name="retentionMs">How long the centre keeps a record by the record's own timestamp; null = not by that, or for ever, or it does not say.</param>
    public CentralTopic(string name, int partitionCount, long? retentionMs = null)
    {
        Name = name;
        RetentionMs = retentionMs;
        _partitions = new TopicPartition[partitionCount];
        for (int i = 0; i < partitionCount; i++) _partitions[i] = new TopicPartition(name, i);
    }

    public string Name { get; }
    public long? RetentionMs { get; }
    public int PartitionCount => _partitions.Length;

    /// <summary>Always explicit: a record placed by the library's partitioner waits for metadata and is overtaken by placed ones.</summary>
    public TopicPartition Place(ReadOnlySpan<byte> key) => _partitions[Murmur2.Partition(key, _partitions.Length)];
}
