using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Kafka.Transactions;

namespace Edge.Kafka.Apis;

/// <summary>Offsets of a group that count when the producer's transaction commits (key 28).</summary>
internal sealed class TxnOffsetCommitApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.TxnOffsetCommit;
    public short MinVersion => 0;
    public short MaxVersion => 3;
    public short FirstFlexible => 3;

    internal sealed record Request(string TransactionalId, string GroupId, long ProducerId, short ProducerEpoch, int Generation, string MemberId, string? InstanceId,
        List<OffsetCommitApi.TopicCommit> Topics);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        string id = reader.ReadString(), group = reader.ReadString();
        long producerId = reader.ReadInt64();
        short epoch = reader.ReadInt16();
        int generation = version >= 3 ? reader.ReadInt32() : -1;
        string member = version >= 3 ? reader.ReadString() : "";
        string? instance = version >= 3 ? reader.ReadNullableString() : null;
        int topicCount = reader.ReadArrayLength(2);
        var topics = new List<OffsetCommitApi.TopicCommit>(topicCount);
        for (int t = 0; t < topicCount; t++)
        {
            string name = reader.ReadString();
            int count = reader.ReadArrayLength(13);
            var partitions = new List<OffsetCommitApi.PartitionCommit>(count);
            for (int p = 0; p < count; p++)
            {
                int index = reader.ReadInt32();
                long offset = reader.ReadInt64();
                int leaderEpoch = version >= 2 ? reader.ReadInt32() : -1;
                partitions.Add(new(index, offset, leaderEpoch, reader.ReadNullableString()));
                reader.SkipTags();
            }
            reader.SkipTags();
            topics.Add(new(name, partitions));
        }
        reader.SkipTags();
        return new(id, group, producerId, epoch, generation, member, instance, topics);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        ErrorCode refused = CheckMember(message);
        var errors = new List<ErrorCode>();
        var accepted = new List<PendingOffset>();
        foreach (OffsetCommitApi.TopicCommit topic in message.Topics)
        {
            foreach (OffsetCommitApi.PartitionCommit commit in topic.Partitions)
            {
                ErrorCode error = refused;
                if (error == ErrorCode.None && !broker.TryGetPartition(topic.Name, commit.Index, out _)) error = ErrorCode.UnknownTopicOrPartition;
                if (error == ErrorCode.None && commit.Metadata?.Length > OffsetCommitApi.MaxMetadataLength) error = ErrorCode.OffsetMetadataTooLarge;
                errors.Add(error);
                if (error == ErrorCode.None) accepted.Add(new(new(message.GroupId, topic.Name, commit.Index), commit.Offset, commit.LeaderEpoch, commit.Metadata ?? ""));
            }
        }
        ErrorCode stored = refused != ErrorCode.None ? refused : await StoreAsync(message, accepted).ConfigureAwait(false);
        int next = 0;
        response.WriteInt32(0);
        response.WriteArrayLength(message.Topics.Count);
        foreach (OffsetCommitApi.TopicCommit topic in message.Topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (OffsetCommitApi.PartitionCommit commit in topic.Partitions)
            {
                ErrorCode error = errors[next++];
                response.WriteInt32(commit.Index);
                response.WriteError(TransactionErrors.For(error == ErrorCode.None ? stored : error, knowsFenced: false));
                response.WriteTags();
            }
            response.WriteTags();
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    /// <summary>Before version 3 a producer does not say for which member it commits; then the transaction alone fences (KIP-447).</summary>
    private ErrorCode CheckMember(Request message)
    {
        if (!GroupCoordinator.IsValidGroupId(message.GroupId)) return ErrorCode.InvalidGroupId;
        bool isAnonymous = message.Generation < 0 && message.MemberId.Length == 0 && message.InstanceId is null;
        return isAnonymous ? ErrorCode.None : broker.Groups.CheckCommit(message.GroupId, message.MemberId, message.InstanceId, message.Generation);
    }

    private async Task<ErrorCode> StoreAsync(Request message, List<PendingOffset> accepted)
    {
        int added = accepted.Count(a => !broker.Offsets.TryGet(a.Key, out _));
        if (added > 0 && !broker.Offsets.HasRoomFor(added)) return ErrorCode.PolicyViolation;
        return await broker.Transactions.AddOffsetsAsync(message.TransactionalId, message.ProducerId, message.ProducerEpoch, message.GroupId, accepted).ConfigureAwait(false);
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version);
    }
}
