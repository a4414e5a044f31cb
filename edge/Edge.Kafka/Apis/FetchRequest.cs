using Edge.Kafka.Protocol;

namespace Edge.Kafka.Apis;

/// <summary>A fetch request, read.</summary>
internal sealed record FetchRequest(int MaxWaitMs, int MinBytes, int MaxBytes, bool ReadCommitted, int SessionId, int SessionEpoch, List<FetchRequest.TopicFetch> Topics)
{
    internal readonly record struct PartitionFetch(int Index, int CurrentLeaderEpoch, long Offset, int MaxBytes);

    /// <param name="Name">Empty from version 13 on, which names topics by <paramref name="Id"/>.</param>
    internal sealed record TopicFetch(string Name, Guid Id, List<PartitionFetch> Partitions);

    internal static FetchRequest Parse(ref KafkaReader reader, short version)
    {
        reader.ReadInt32(); // replica id
        int maxWaitMs = reader.ReadInt32(), minBytes = reader.ReadInt32(), maxBytes = reader.ReadInt32();
        bool readCommitted = reader.ReadInt8() == 1;
        int sessionId = version >= 7 ? reader.ReadInt32() : 0, sessionEpoch = version >= 7 ? reader.ReadInt32() : -1;
        int topicCount = reader.ReadArrayLength(2);
        var topics = new List<TopicFetch>(topicCount);
        for (int t = 0; t < topicCount; t++)
        {
            Guid id = version >= 13 ? reader.ReadUuid() : Guid.Empty;
            string name = version >= 13 ? "" : reader.ReadString();
            int count = reader.ReadArrayLength(16);
            var partitions = new List<PartitionFetch>(count);
            for (int p = 0; p < count; p++) partitions.Add(ParsePartition(ref reader, version));
            reader.SkipTags();
            topics.Add(new(name, id, partitions));
        }
        if (version >= 7) SkipForgottenTopics(ref reader, version);
        if (version >= 11) reader.ReadString(); // rack id
        reader.SkipTags();
        return new(maxWaitMs, minBytes, maxBytes, readCommitted, sessionId, sessionEpoch, topics);
    }

    private static PartitionFetch ParsePartition(ref KafkaReader reader, short version)
    {
        int index = reader.ReadInt32();
        int epoch = version >= 9 ? reader.ReadInt32() : -1;
        long offset = reader.ReadInt64();
        if (version >= 12) reader.ReadInt32(); // epoch of the last fetched record: the log is never cut behind a reader
        if (version >= 5) reader.ReadInt64();  // a follower's log start
        int maxBytes = reader.ReadInt32();
        reader.SkipTags();
        return new(index, epoch, offset, maxBytes);
    }

    private static void SkipForgottenTopics(ref KafkaReader reader, short version)
    {
        int count = reader.ReadArrayLength(2);
        for (int i = 0; i < count; i++)
        {
            if (version >= 13) reader.ReadUuid();
            else reader.ReadString();
            reader.ReadInt32Array();
            reader.SkipTags();
        }
    }
}
