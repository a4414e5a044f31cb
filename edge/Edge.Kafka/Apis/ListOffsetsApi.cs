using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Offsets by time and the two ends of a partition (key 2).</summary>
internal sealed class ListOffsetsApi(BrokerContext broker) : IKafkaApi
{
    private const long Latest = -1, Earliest = -2, MaxTimestamp = -3, EarliestLocal = -4;

    public ApiKey Key => ApiKey.ListOffsets;
    public short MinVersion => 1;
    public short MaxVersion => 8;
    public short FirstFlexible => 6;

    internal readonly record struct PartitionRequest(int Index, int CurrentLeaderEpoch, long Timestamp);

    internal sealed record TopicRequest(string Name, List<PartitionRequest> Partitions);

    private readonly record struct Found(ErrorCode Error, long Timestamp, long Offset);

    internal readonly record struct Request(bool ReadCommitted, List<TopicRequest> Topics);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        reader.ReadInt32(); // replica id
        bool readCommitted = version >= 2 && reader.ReadInt8() == 1;
        int topicCount = reader.ReadArrayLength(2);
        var topics = new List<TopicRequest>(topicCount);
        for (int t = 0; t < topicCount; t++)
        {
            string name = reader.ReadString();
            int count = reader.ReadArrayLength(12);
            var partitions = new List<PartitionRequest>(count);
            for (int p = 0; p < count; p++)
            {
                int index = reader.ReadInt32();
                int epoch = version >= 4 ? reader.ReadInt32() : -1;
                partitions.Add(new(index, epoch, reader.ReadInt64()));
                reader.SkipTags();
            }
            reader.SkipTags();
            topics.Add(new(name, partitions));
        }
        reader.SkipTags();
        return new(readCommitted, topics);
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        short version = request.Version;
        KafkaReader reader = request.OpenBody();
        (bool readCommitted, List<TopicRequest> topics) = Parse(ref reader, version);
        if (version >= 2) response.WriteInt32(0);
        response.WriteArrayLength(topics.Count);
        foreach (TopicRequest topic in topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (PartitionRequest partition in topic.Partitions)
            {
                Found found = Find(topic.Name, partition, version, readCommitted);
                response.WriteInt32(partition.Index);
                response.WriteError(found.Error);
                response.WriteInt64(found.Timestamp);
                response.WriteInt64(found.Offset);
                if (version >= 4) response.WriteInt32(found.Offset < 0 ? -1 : broker.Journal.Epoch);
                response.WriteTags();
            }
            response.WriteTags();
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private Found Find(string topic, in PartitionRequest request, short version, bool readCommitted)
    {
        if (!broker.TryGetPartition(topic, request.Index, out Partition partition)) return new(ErrorCode.UnknownTopicOrPartition, -1, -1);
        ErrorCode epochError = LeaderEpoch.Check(request.CurrentLeaderEpoch, broker.Journal.Epoch);
        if (epochError != ErrorCode.None) return new(epochError, -1, -1);
        switch (request.Timestamp)
        {
            case Latest: return new(ErrorCode.None, -1, readCommitted ? partition.LastStableOffset : partition.HighWatermark);
            case Earliest: return new(ErrorCode.None, -1, partition.LogStartOffset);
            case EarliestLocal when version >= 8: return new(ErrorCode.None, -1, partition.LogStartOffset);
            case MaxTimestamp when version >= 7: return Visible(partition, readCommitted, FindMaxTimestamp(partition));
            case < 0: return new(ErrorCode.InvalidRequest, -1, -1);
            default:
                return partition.TryFindOffset(request.Timestamp, out long offset, out long timestamp) ? Visible(partition, readCommitted, new(ErrorCode.None, timestamp, offset)) : new(ErrorCode.None, -1, -1);
        }
    }

    /// <summary>A read_committed consumer is not told of what is behind its end.</summary>
    private static Found Visible(Partition partition, bool readCommitted, in Found found) =>
        readCommitted && found.Offset >= partition.LastStableOffset ? new(ErrorCode.None, -1, -1) : found;

    /// <summary>The largest timestamp, by halving over time: the journal finds "the first record not before T", and has none behind the largest.</summary>
    private static Found FindMaxTimestamp(Partition partition)
    {
        if (!partition.TryFindOffset(0, out long offset, out long timestamp)) return new(ErrorCode.None, -1, -1);
        long low = timestamp, high = long.MaxValue;
        while (low < high)
        {
            long middle = low + (high - low) / 2 + 1;
            if (middle > low && partition.TryFindOffset(middle, out long nextOffset, out long nextTimestamp)) (low, offset, timestamp) = (nextTimestamp, nextOffset, nextTimestamp);
            else high = middle - 1;
        }
        return new(ErrorCode.None, timestamp, offset);
    }
}
