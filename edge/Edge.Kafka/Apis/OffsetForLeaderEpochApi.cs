using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Where an epoch ended, so that a client can tell whether the log was cut behind what it read (key 23).</summary>
/// <remarks>What a client has read was durable, and the journal never cuts durable records: every epoch up to the current one is answered with the high watermark.</remarks>
internal sealed class OffsetForLeaderEpochApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.OffsetForLeaderEpoch;
    public short MinVersion => 2;
    public short MaxVersion => 4;
    public short FirstFlexible => 4;

    internal readonly record struct PartitionRequest(int Index, int CurrentLeaderEpoch, int Epoch);

    internal sealed record TopicRequest(string Name, List<PartitionRequest> Partitions);

    internal static List<TopicRequest> Parse(ref KafkaReader reader, short version)
    {
        if (version >= 3) reader.ReadInt32(); // replica id
        int topicCount = reader.ReadArrayLength(2);
        var topics = new List<TopicRequest>(topicCount);
        for (int t = 0; t < topicCount; t++)
        {
            string name = reader.ReadString();
            int count = reader.ReadArrayLength(12);
            var partitions = new List<PartitionRequest>(count);
            for (int p = 0; p < count; p++)
            {
                partitions.Add(new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32()));
                reader.SkipTags();
            }
            reader.SkipTags();
            topics.Add(new(name, partitions));
        }
        reader.SkipTags();
        return topics;
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        List<TopicRequest> topics = Parse(ref reader, request.Version);
        response.WriteInt32(0);
        response.WriteArrayLength(topics.Count);
        foreach (TopicRequest topic in topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (PartitionRequest asked in topic.Partitions) WritePartition(request, response, topic.Name, asked);
            response.WriteTags();
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private void WritePartition(KafkaRequest request, KafkaWriter response, string topic, in PartitionRequest asked)
    {
        ErrorCode error = Access.Find(broker, request, AclOperation.Subscribe, topic, asked.Index, out Partition partition);
        if (error == ErrorCode.None) error = LeaderEpoch.Check(asked.CurrentLeaderEpoch, broker.Journal.Epoch);
        bool isKnown = error == ErrorCode.None && asked.Epoch >= 0 && asked.Epoch <= broker.Journal.Epoch;
        response.WriteError(error);
        response.WriteInt32(asked.Index);
        response.WriteInt32(isKnown ? asked.Epoch : -1);
        response.WriteInt64(isKnown ? partition.HighWatermark : -1);
        response.WriteTags();
    }
}
