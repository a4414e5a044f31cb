using Confluent.Kafka;

namespace Edge.Testing.Ledger;

/// <summary>Reads everything a topic holds, through the Kafka protocol.</summary>
public static class KafkaTopicReader
{
    /// <summary>Each partition from its start to the end it has now, in the order of its offsets.</summary>
    /// <returns>Records read. 0 when there is no such topic.</returns>
    /// <exception cref="TimeoutException">Nothing came for <paramref name="patience"/> (30 s) before the end.</exception>
    public static long Read(string bootstrap, string topic, Action<ConsumeResult<byte[], byte[]>> record, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(record);
        TimeSpan wait = patience ?? TimeSpan.FromSeconds(30);
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "test-reader",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            AllowAutoCreateTopics = false,
        }).SetLogHandler(static (_, _) => { }).Build();
        var ends = Ends(consumer, bootstrap, topic, wait);
        if (ends.Count == 0) return 0;
        consumer.Assign(ends.Keys.Select(static p => new TopicPartitionOffset(p, Offset.Beginning)));
        long records = 0;
        while (ends.Count > 0)
        {
            ConsumeResult<byte[], byte[]>? result = consumer.Consume(wait);
            if (result is null) throw new TimeoutException($"Nothing came from {topic} at {bootstrap} for {wait}; {records} records were read, {ends.Count} partitions not to their end.");
            if (result.IsPartitionEOF)
            {
                if (ends.TryGetValue(result.TopicPartition, out long end) && result.Offset >= end) ends.Remove(result.TopicPartition);
                continue;
            }
            if (!ends.TryGetValue(result.TopicPartition, out long until) || result.Offset >= until) continue;
            records++;
            record(result);
            if (result.Offset == until - 1) ends.Remove(result.TopicPartition);
        }
        return records;
    }

    private static Dictionary<TopicPartition, long> Ends(IConsumer<byte[], byte[]> consumer, string bootstrap, string topic, TimeSpan wait)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        TopicMetadata? metadata = admin.GetMetadata(topic, wait).Topics.Find(t => t.Topic == topic && !t.Error.IsError);
        var ends = new Dictionary<TopicPartition, long>();
        foreach (PartitionMetadata partition in metadata?.Partitions ?? [])
        {
            var id = new TopicPartition(topic, partition.PartitionId);
            long end = consumer.QueryWatermarkOffsets(id, wait).High;
            if (end > 0) ends.Add(id, end);
        }
        return ends;
    }
}
