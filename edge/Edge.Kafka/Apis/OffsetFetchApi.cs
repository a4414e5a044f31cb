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

    internal readonly record struct Request(List<GroupWanted> Groups, bool RequiresStable);

    internal static Request Parse(ref KafkaReader reader, short version)
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
        bool requiresStable = version >= 7 && reader.ReadBool();
        reader.SkipTags();
        return new(groups, requiresStable);
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
        (List<GroupWanted> groups, bool requiresStable) = Parse(ref reader, version);
        if (version >= 3) response.WriteInt32(0);
        if (version >= 8)
        {
            response.WriteArrayLength(groups.Count);
            foreach (GroupWanted group in groups)
            {
                response.WriteString(group.GroupId);
                WriteTopics(response, version, group, requiresStable);
                response.WriteError(ErrorCode.None);
                response.WriteTags();
            }
        }
        else
        {
            WriteTopics(response, version, groups[0], requiresStable);
            if (version >= 2) response.WriteError(ErrorCode.None);
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private void WriteTopics(KafkaWriter response, short version, GroupWanted group, bool requiresStable)
    {
        if (group.Topics is null)
        {
            WriteAll(response, version, group.GroupId, requiresStable);
            return;
        }
        response.WriteArrayLength(group.Topics.Count);
        foreach (TopicWanted topic in group.Topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (int partition in topic.Partitions)
            {
                var key = new OffsetKey(group.GroupId, topic.Name, partition);
                bool isKnown = broker.Offsets.TryGet(key, out CommittedOffset offset);
                WritePartition(response, version, key, isKnown ? offset : new(-1, -1, 0, ""), requiresStable);
            }
            response.WriteTags();
        }
    }

    private void WriteAll(KafkaWriter response, short version, string groupId, bool requiresStable)
    {
        IGrouping<string, KeyValuePair<OffsetKey, CommittedOffset>>[] topics = [.. broker.Offsets.OfGroup(groupId).GroupBy(o => o.Key.Topic)];
        response.WriteArrayLength(topics.Length);
        foreach (IGrouping<string, KeyValuePair<OffsetKey, CommittedOffset>> topic in topics)
        {
            response.WriteString(topic.Key);
            response.WriteArrayLength(topic.Count());
            foreach ((OffsetKey key, CommittedOffset offset) in topic) WritePartition(response, version, key, offset, requiresStable);
            response.WriteTags();
        }
    }

    /// <param name="requiresStable">The reader wants to wait for an open transaction that may commit another offset (KIP-447).</param>
    private void WritePartition(KafkaWriter response, short version, in OffsetKey key, in CommittedOffset offset, bool requiresStable)
    {
        bool isUnstable = requiresStable && broker.Transactions.HasPendingOffset(key);
        response.WriteInt32(key.Partition);
        response.WriteInt64(isUnstable ? -1 : offset.Offset);
        if (version >= 5) response.WriteInt32(isUnstable ? -1 : offset.LeaderEpoch);
        response.WriteNullableString(isUnstable ? "" : offset.Metadata);
        response.WriteError(isUnstable ? ErrorCode.UnstableOffsetCommit : ErrorCode.None);
        response.WriteTags();
    }
}
