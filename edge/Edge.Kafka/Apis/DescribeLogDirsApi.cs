using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Bytes per partition (key 35). One directory, which all partitions share.</summary>
internal sealed class DescribeLogDirsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.DescribeLogDirs;
    public short MinVersion => 1;
    public short MaxVersion => 4;
    public short FirstFlexible => 2;

    internal sealed record TopicWanted(string Name, List<int> Partitions);

    /// <returns>Null = all topics.</returns>
    internal static List<TopicWanted>? Parse(ref KafkaReader reader)
    {
        int count = reader.ReadNullableArrayLength(2);
        List<TopicWanted>? topics = count < 0 ? null : new(count);
        for (int t = 0; t < count; t++)
        {
            topics!.Add(new(reader.ReadString(), reader.ReadInt32Array()));
            reader.SkipTags();
        }
        reader.SkipTags();
        return topics;
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        short version = request.Version;
        KafkaReader reader = request.OpenBody();
        List<TopicWanted>? wanted = Parse(ref reader);
        List<(string Name, List<Partition> Partitions)> topics = wanted is null
            ? [.. broker.Journal.Topics.All.Where(t => !t.IsDeleted && request.Session.MaySee(t.Name)).Select(t => (t.Name, t.Partitions.ToList()))]
            : [.. wanted.Where(t => request.Session.MaySee(t.Name)).Select(t => (t.Name, Existing(t))).Where(t => t.Item2.Count > 0)];
        response.WriteInt32(0);
        if (version >= 3) response.WriteError(ErrorCode.None);
        response.WriteArrayLength(1);
        response.WriteError(broker.Journal.Fault is null ? ErrorCode.None : ErrorCode.KafkaStorageError);
        response.WriteString(broker.Options.LogDirectory);
        response.WriteArrayLength(topics.Count);
        foreach ((string name, List<Partition> partitions) in topics)
        {
            response.WriteString(name);
            response.WriteArrayLength(partitions.Count);
            foreach (Partition partition in partitions)
            {
                response.WriteInt32(partition.Index);
                response.WriteInt64(partition.StoredBytes);
                response.WriteInt64(0); // offset lag: there are no followers
                response.WriteBool(false);
                response.WriteTags();
            }
            response.WriteTags();
        }
        if (version >= 4)
        {
            response.WriteInt64(-1); // size of the file system: the listener does not see the disk
            response.WriteInt64(-1);
        }
        response.WriteTags();
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private List<Partition> Existing(TopicWanted topic)
    {
        var found = new List<Partition>();
        foreach (int index in topic.Partitions)
            if (broker.TryGetPartition(topic.Name, index, out Partition partition)) found.Add(partition);
        return found;
    }
}
