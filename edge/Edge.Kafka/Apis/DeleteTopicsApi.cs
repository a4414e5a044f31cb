using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Removes topics, by name or id (key 20).</summary>
internal sealed class DeleteTopicsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.DeleteTopics;
    public short MinVersion => 1;
    public short MaxVersion => 6;
    public short FirstFlexible => 4;

    internal static List<MetadataApi.TopicName> Parse(ref KafkaReader reader, short version)
    {
        var topics = new List<MetadataApi.TopicName>();
        if (version <= 5)
        {
            foreach (string name in reader.ReadStringArray()) topics.Add(new(name, Guid.Empty));
        }
        else
        {
            int count = reader.ReadArrayLength(18);
            for (int i = 0; i < count; i++)
            {
                string? name = reader.ReadNullableString();
                topics.Add(new(name, reader.ReadUuid()));
                reader.SkipTags();
            }
        }
        reader.ReadInt32(); // time-out
        reader.SkipTags();
        return topics;
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        List<MetadataApi.TopicName> topics = ParseBody(request);
        response.WriteInt32(0);
        response.WriteArrayLength(topics.Count);
        foreach (MetadataApi.TopicName wanted in topics)
        {
            (ErrorCode error, string? reason, Topic? topic) = await DeleteAsync(request, wanted).ConfigureAwait(false);
            string? name = wanted.Name ?? topic?.Name;
            if (request.Version >= 6) response.WriteNullableString(name);
            else response.WriteString(name ?? "");
            if (request.Version >= 6) response.WriteUuid(topic?.Id ?? wanted.Id);
            response.WriteError(error);
            if (request.Version >= 5) response.WriteNullableString(reason);
            response.WriteTags();
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    private async ValueTask<(ErrorCode Error, string? Reason, Topic? Topic)> DeleteAsync(KafkaRequest request, MetadataApi.TopicName wanted)
    {
        TopicRegistry topics = broker.Journal.Topics;
        if (wanted.Name is null)
        {
            if (!topics.TryGet(wanted.Id, out Topic byId) || byId.IsDeleted || !request.Session.MaySee(byId.Name)) return (ErrorCode.UnknownTopicId, null, null);
            return await DeleteAsync(request, byId).ConfigureAwait(false);
        }
        if (!request.Session.MaySee(wanted.Name)) return (ErrorCode.TopicAuthorizationFailed, null, null);
        if (!topics.TryGet(wanted.Name, out Topic topic) || topic.IsDeleted) return (ErrorCode.UnknownTopicOrPartition, null, null);
        return await DeleteAsync(request, topic).ConfigureAwait(false);
    }

    private async ValueTask<(ErrorCode Error, string? Reason, Topic? Topic)> DeleteAsync(KafkaRequest request, Topic topic)
    {
        if (!request.Session.May(AclOperation.Admin, topic.Name)) return (ErrorCode.TopicAuthorizationFailed, $"User '{request.Session.UserName}' may not delete topic '{topic.Name}'.", topic);
        if (topic.IsInternal) return (ErrorCode.InvalidTopic, $"Topic '{topic.Name}' is internal and cannot be deleted.", topic);
        TopicChange change = await broker.Journal.Topics.DeleteAsync(topic.Name).ConfigureAwait(false);
        return (TopicErrors.Map(change.Status), change.Reason, topic);
    }

    private static List<MetadataApi.TopicName> ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version);
    }
}
