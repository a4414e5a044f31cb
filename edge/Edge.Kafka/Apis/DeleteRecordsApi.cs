using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Moves the log start of partitions up (key 21): what lies below is gone for readers when it is answered.</summary>
/// <remarks>Never above what the uplink still wants: that is refused with POLICY_VIOLATION. Only the appliance's own command can force it.</remarks>
internal sealed class DeleteRecordsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.DeleteRecords;
    public short MinVersion => 0;
    public short MaxVersion => 2;
    public short FirstFlexible => 2;

    /// <param name="Offset">First offset that stays; -1 = the high watermark.</param>
    internal readonly record struct PartitionDelete(int Index, long Offset);

    internal sealed record TopicDelete(string Name, List<PartitionDelete> Partitions);

    internal static List<TopicDelete> Parse(ref KafkaReader reader)
    {
        int count = reader.ReadArrayLength(2);
        var topics = new List<TopicDelete>(count);
        for (int t = 0; t < count; t++)
        {
            string name = reader.ReadString();
            int partitionCount = reader.ReadArrayLength(12);
            var partitions = new List<PartitionDelete>(partitionCount);
            for (int p = 0; p < partitionCount; p++)
            {
                partitions.Add(new(reader.ReadInt32(), reader.ReadInt64()));
                reader.SkipTags();
            }
            reader.SkipTags();
            topics.Add(new(name, partitions));
        }
        reader.ReadInt32(); // time-out: a commit either comes or the journal is fenced
        reader.SkipTags();
        return topics;
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        List<TopicDelete> topics = ParseBody(request);
        response.WriteInt32(0);
        response.WriteArrayLength(topics.Count);
        foreach (TopicDelete topic in topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (PartitionDelete delete in topic.Partitions)
            {
                (ErrorCode error, long start) = await DeleteAsync(request, topic.Name, delete).ConfigureAwait(false);
                response.WriteInt32(delete.Index);
                response.WriteInt64(start);
                response.WriteError(error);
                response.WriteTags();
            }
            response.WriteTags();
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    private async ValueTask<(ErrorCode Error, long LogStart)> DeleteAsync(KafkaRequest request, string topic, PartitionDelete delete)
    {
        ErrorCode access = Access.Find(broker, request, AclOperation.Admin, topic, delete.Index, out Partition partition);
        if (access != ErrorCode.None) return (access, -1);
        if (partition.Topic.IsInternal) return (ErrorCode.InvalidTopic, -1);
        TrimResult result = await partition.TrimAsync(delete.Offset).ConfigureAwait(false);
        return result.Status switch
        {
            TrimStatus.Ok => (ErrorCode.None, result.LogStartOffset),
            TrimStatus.OffsetOutOfRange => (ErrorCode.OffsetOutOfRange, -1),
            TrimStatus.NotForwarded => (ErrorCode.PolicyViolation, -1),
            _ => (ErrorCode.KafkaStorageError, -1),
        };
    }

    private static List<TopicDelete> ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
