namespace Edge.Log.Tools;

/// <summary>What <see cref="KafkaExport"/> wrote of one partition.</summary>
/// <param name="Directory">Name of its folder, as Kafka names it: topic, hyphen, partition.</param>
/// <param name="FirstOffset">-1 when the partition is empty.</param>
/// <param name="NextOffset">Exclusive.</param>
/// <param name="Left">Batches left out because their records cannot be read.</param>
public sealed record ExportedPartition(string Topic, int Partition, string Directory, long FirstOffset, long NextOffset, long Records, long Batches, long Bytes, int Segments, long Left);
