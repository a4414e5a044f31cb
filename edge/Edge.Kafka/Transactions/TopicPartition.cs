namespace Edge.Kafka.Transactions;

/// <summary>A partition by name, as a transaction lists it.</summary>
internal readonly record struct TopicPartition(string Topic, int Index);
