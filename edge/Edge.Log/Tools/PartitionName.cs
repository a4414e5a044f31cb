namespace Edge.Log.Tools;

/// <summary>What a journal-wide partition number stands for.</summary>
/// <param name="Topic">Empty when no topic of the journal has that number any more: it was deleted and made again.</param>
/// <param name="TopicId">Kafka's topic id; empty when the topic is not known.</param>
/// <param name="FirstOffset">Where the partition began when it was made.</param>
public sealed record PartitionName(int Id, string Topic, int Partition, Guid TopicId, long FirstOffset, bool IsDeleted)
{
    public bool IsInternal => Topic.StartsWith("__", StringComparison.Ordinal);

    public override string ToString() => Topic.Length > 0 ? $"{Topic}-{Partition}{(IsDeleted ? " (deleted)" : "")}" : $"partition {Id} of a topic that is gone";
}
