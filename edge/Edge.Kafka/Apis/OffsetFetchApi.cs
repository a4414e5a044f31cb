using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Reads a group's committed offsets (key 9).</summary>
internal sealed class OffsetFetchApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.OffsetFetch;
    public short MinVersion => 1;
    public short MaxVersion => 8;
    public short FirstFlexible => 6;

    internal sealed record TopicWanted(string Name, List<int> Partitions);

    /// <param name="Topics">Null = all that the group has committed.</param>
    internal sealed record GroupWanted(string GroupId, List<TopicWanted>? Topics);

    internal static List<GroupWanted> Parse(ref KafkaReader reader, short version)
    {
        var groups = new List<GroupWanted>();
        if (version < 8)
        {
            string group = reader.ReadString();
            groups.Add(new(group, ParseTopics(ref reader, version)));
        }
        else
        {
            int count = reader.ReadArrayLength(3);
            for (int g = 0; g < count; g++)
            {
                string group = reader.ReadString();
                groups.Add(new(group, ParseTopics(ref reader, version)));
                reader.SkipTags();
            }
        }
        if (version >= 7) reader.ReadBool(); // require stable: there are no open transactions
        reader.SkipTags();
        return groups;
    }

    private static List<TopicWanted>? ParseTopics(ref KafkaReader reader, short version)
    {
        int count = reader.ReadNullableArrayLength(2);
        if (count < 0) return version >= 2 ? null : [];
        var topics = new List<TopicWanted>(count);
        for (int t = 0; t < count; t++)
        {
            topics.Add(new(reader.ReadString(), reader.ReadInt32Array()));
            reader.SkipTags();
        }
        return topics;
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        short version = request.Version;
        KafkaReader reader = request.OpenBody();
        List<GroupWanted> groups = Parse(ref reader, version);
        if (version >= 3) response.WriteInt32(0);
        if (version >= 8)
        {
            response.WriteArrayLength(groups.Count);
            foreach (GroupWanted group in groups)
            {
                response.WriteString(group.GroupId);
                WriteTopics(response, version, group);
                response.WriteError(ErrorCode.None);
                response.WriteTags();
            }
        }
        else
        {
            WriteTopics(response, version, groups[0]);
            if (version >= 2) response.WriteError(ErrorCode.None);
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private void WriteTopics(KafkaWriter response, short version, GroupWanted group)
    {
        if (group.Topics is null)
        {
            WriteAll(response, version, group.GroupId);
            return;
        }
        response.WriteArrayLength(group.Topics.Count);
        foreach (TopicWanted topic in group.Topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (int partition in topic.Partitions)
            {
                bool isKnown = broker.Offsets.TryGet(new(group.GroupId, topic.Name, partition), out CommittedOffset offset);
                WritePartition(response, version, partition, isKnown ? offset : new(-1, -1, 0, ""));
            }
            response.WriteTags();
        }
    }

    private void WriteAll(KafkaWriter response, short version, string groupId)
    {
        IGrouping<string, KeyValuePair<OffsetKey, CommittedOffset>>[] topics = [.. broker.Offsets.OfGroup(groupId).GroupBy(o => o.Key.Topic)];
        response.WriteArrayLength(topics.Length);
        foreach (IGrouping<string, KeyValuePair<OffsetKey, CommittedOffset>> topic in topics)
        {
            response.WriteString(topic.Key);
            response.WriteArrayLength(topic.Count());
            foreach ((OffsetKey key, CommittedOffset offset) in topic) WritePartition(response, version, key.Partition, offset);
            response.WriteTags();
        }
    }

    private static void WritePartition(KafkaWriter response, short version, int partition, in CommittedOffset offset)
    {
        response.WriteInt32(partition);
        response.WriteInt64(offset.Offset);
        if (version >= 5) response.WriteInt32(offset.LeaderEpoch);
        response.WriteNullableString(offset.Metadata);
        response.WriteError(ErrorCode.None);
        response.WriteTags();
    }
}
