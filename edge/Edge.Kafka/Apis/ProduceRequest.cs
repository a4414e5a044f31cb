using Edge.Kafka.Protocol;

namespace Edge.Kafka.Apis;

/// <summary>A produce request, read. The records stay in the frame.</summary>
internal sealed record ProduceRequest(string? TransactionalId, short Acks, int TimeoutMs, List<ProduceRequest.TopicData> Topics)
{
    /// <param name="Start">Where the records start, from the start of the body; they are not copied.</param>
    /// <param name="Length">-1 when the field is null.</param>
    internal readonly record struct PartitionData(int Index, int Start, int Length);

    internal sealed record TopicData(string Name, List<PartitionData> Partitions);

    internal static ProduceRequest Parse(ref KafkaReader reader, short version)
    {
        string? transactionalId = version >= 3 ? reader.ReadNullableString() : null;
        short acks = reader.ReadInt16();
        int timeoutMs = reader.ReadInt32();
        int topicCount = reader.ReadArrayLength(2);
        var topics = new List<TopicData>(topicCount);
        for (int t = 0; t < topicCount; t++)
        {
            string name = reader.ReadString();
            int count = reader.ReadArrayLength(5);
            var partitions = new List<PartitionData>(count);
            for (int p = 0; p < count; p++)
            {
                int index = reader.ReadInt32();
                (int start, int length) = reader.SkipNullableBytes();
                reader.SkipTags();
                partitions.Add(new(index, start, length));
            }
            reader.SkipTags();
            topics.Add(new(name, partitions));
        }
        reader.SkipTags();
        return new(transactionalId, acks, timeoutMs, topics);
    }
}
