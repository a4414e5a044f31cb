using Edge.Catalog.Users;
using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Commit;

namespace Edge.Kafka.Apis;

/// <summary>Stores a group's offsets (key 8). Answered when they are durable, all of the request together.</summary>
internal sealed class OffsetCommitApi(BrokerContext broker) : IKafkaApi
{
    /// <summary>Kafka's <c>offset.metadata.max.bytes</c>.</summary>
    internal const int MaxMetadataLength = 4096;

    public ApiKey Key => ApiKey.OffsetCommit;
    public short MinVersion => 2;
    public short MaxVersion => 8;
    public short FirstFlexible => 8;

    internal readonly record struct PartitionCommit(int Index, long Offset, int LeaderEpoch, string? Metadata);

    internal sealed record TopicCommit(string Name, List<PartitionCommit> Partitions);

    internal sealed record Request(string GroupId, int Generation, string MemberId, string? InstanceId, List<TopicCommit> Topics);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        string group = reader.ReadString();
        int generation = reader.ReadInt32();
        string member = reader.ReadString();
        string? instance = version >= 7 ? reader.ReadNullableString() : null;
        if (version <= 4) reader.ReadInt64(); // retention time
        int topicCount = reader.ReadArrayLength(2);
        var topics = new List<TopicCommit>(topicCount);
        for (int t = 0; t < topicCount; t++)
        {
            string name = reader.ReadString();
            int count = reader.ReadArrayLength(13);
            var partitions = new List<PartitionCommit>(count);
            for (int p = 0; p < count; p++)
            {
                int index = reader.ReadInt32();
                long offset = reader.ReadInt64();
                int epoch = version >= 6 ? reader.ReadInt32() : -1;
                partitions.Add(new(index, offset, epoch, reader.ReadNullableString()));
                reader.SkipTags();
            }
            reader.SkipTags();
            topics.Add(new(name, partitions));
        }
        reader.SkipTags();
        return new(group, generation, member, instance, topics);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        ErrorCode groupError = broker.Groups.CheckCommit(message.GroupId, message.MemberId, message.InstanceId, message.Generation);
        var errors = new List<ErrorCode>();
        var accepted = new List<KeyValuePair<OffsetKey, CommittedOffset>>();
        long now = broker.Offsets.NowMs;
        foreach (TopicCommit topic in message.Topics)
        {
            foreach (PartitionCommit commit in topic.Partitions)
            {
                ErrorCode error = groupError != ErrorCode.None ? groupError : Check(request, topic.Name, commit);
                errors.Add(error);
                if (error == ErrorCode.None) accepted.Add(new(new(message.GroupId, topic.Name, commit.Index), new(commit.Offset, commit.LeaderEpoch, now, commit.Metadata ?? "")));
            }
        }
        ErrorCode stored = await StoreAsync(accepted).ConfigureAwait(false);
        Write(response, request.Version, message, errors, stored);
        return ApiResult.Respond;
    }

    private ErrorCode Check(KafkaRequest request, string topic, in PartitionCommit commit)
    {
        ErrorCode access = Access.Find(broker, request, AclOperation.Subscribe, topic, commit.Index, out _);
        if (access != ErrorCode.None) return access;
        return commit.Metadata?.Length > MaxMetadataLength ? ErrorCode.OffsetMetadataTooLarge : ErrorCode.None;
    }

    private async ValueTask<ErrorCode> StoreAsync(List<KeyValuePair<OffsetKey, CommittedOffset>> accepted)
    {
        if (accepted.Count == 0) return ErrorCode.None;
        if (!broker.Offsets.HasRoomFor(accepted.Count))
        {
            int added = accepted.Count(a => !broker.Offsets.TryGet(a.Key, out _));
            if (added > 0 && !broker.Offsets.HasRoomFor(added)) return ErrorCode.PolicyViolation;
        }
        CommitOutcome outcome = await broker.Offsets.CommitAsync(accepted).ConfigureAwait(false);
        return outcome.IsDurable ? ErrorCode.None : ErrorCode.CoordinatorNotAvailable;
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version);
    }

    private static void Write(KafkaWriter response, short version, Request message, List<ErrorCode> errors, ErrorCode stored)
    {
        int next = 0;
        if (version >= 3) response.WriteInt32(0);
        response.WriteArrayLength(message.Topics.Count);
        foreach (TopicCommit topic in message.Topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (PartitionCommit commit in topic.Partitions)
            {
                ErrorCode error = errors[next++];
                response.WriteInt32(commit.Index);
                response.WriteError(error == ErrorCode.None ? stored : error);
                response.WriteTags();
            }
            response.WriteTags();
        }
        response.WriteTags();
    }
}
