using Edge.Catalog.Users;
using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Forgets single offsets of a group (key 47). Refused while the group has members: they may be reading those topics.</summary>
internal sealed class OffsetDeleteApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.OffsetDelete;
    public short MinVersion => 0;
    public short MaxVersion => 0;
    public short FirstFlexible => short.MaxValue;

    internal sealed record TopicDelete(string Name, List<int> Partitions);

    internal sealed record Request(string GroupId, List<TopicDelete> Topics);

    internal static Request Parse(ref KafkaReader reader)
    {
        string group = reader.ReadString();
        int count = reader.ReadArrayLength(6);
        var topics = new List<TopicDelete>(count);
        for (int i = 0; i < count; i++) topics.Add(new(reader.ReadString(), reader.ReadInt32Array()));
        return new(group, topics);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        ErrorCode top = ErrorCode.None, each = ErrorCode.None;
        List<OffsetKey> known = [.. broker.Offsets.OfGroup(message.GroupId).Select(o => o.Key)];
        bool hasMembers = broker.Groups.TryDescribe(message.GroupId, out DescribedGroup group) && group.Members.Count > 0;
        if (!request.Session.MayEverywhere(AclOperation.Admin)) top = ErrorCode.GroupAuthorizationFailed;
        else if (hasMembers) each = ErrorCode.GroupSubscribedToTopic;
        else if (known.Count == 0) top = ErrorCode.GroupIdNotFound;
        else if (!(await broker.Offsets.RemoveAsync([.. known.Where(k => message.Topics.Any(t => t.Name == k.Topic && t.Partitions.Contains(k.Partition)))])
            .ConfigureAwait(false)).IsDurable) top = ErrorCode.CoordinatorNotAvailable;
        response.WriteError(top);
        response.WriteInt32(0);
        response.WriteArrayLength(top == ErrorCode.None ? message.Topics.Count : 0);
        if (top != ErrorCode.None) return ApiResult.Respond;
        foreach (TopicDelete topic in message.Topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (int partition in topic.Partitions)
            {
                response.WriteInt32(partition);
                response.WriteError(each);
            }
        }
        return ApiResult.Respond;
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
