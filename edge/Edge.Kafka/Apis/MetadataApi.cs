using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Topics, partitions and the address of this broker (key 3). Creates a missing topic when the client and the configuration allow it.</summary>
internal sealed class MetadataApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.Metadata;
    public short MinVersion => 0;
    public short MaxVersion => 12;
    public short FirstFlexible => 9;

    internal readonly record struct TopicName(string? Name, Guid Id);

    /// <param name="Topics">Null = all.</param>
    internal sealed record Request(List<TopicName>? Topics, bool AllowAutoCreate);

    private readonly record struct Answer(ErrorCode Error, string? Name, Guid Id, Topic? Topic);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        int count = reader.ReadNullableArrayLength(version >= 10 ? 18 : 1);
        List<TopicName>? topics = count < 0 || (version == 0 && count == 0) ? null : new List<TopicName>(count);
        for (int i = 0; i < count; i++)
        {
            Guid id = version >= 10 ? reader.ReadUuid() : Guid.Empty;
            string? name = version >= 10 ? reader.ReadNullableString() : reader.ReadString();
            reader.SkipTags();
            topics!.Add(new(name, id));
        }
        bool allowAutoCreate = version < 4 || reader.ReadBool();
        if (version is >= 8 and <= 10) reader.ReadBool();
        if (version >= 8) reader.ReadBool();
        reader.SkipTags();
        return new(topics, allowAutoCreate);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        var answers = new List<Answer>();
        if (message.Topics is null)
        {
            foreach (Topic topic in broker.Journal.Topics.All)
            {
                if (!topic.IsInternal && !topic.IsDeleted && request.Session.MaySee(topic.Name)) answers.Add(new(ErrorCode.None, topic.Name, topic.Id, topic));
            }
        }
        else
        {
            foreach (TopicName wanted in message.Topics)
                answers.Add(await FindAsync(request, wanted, message.AllowAutoCreate).ConfigureAwait(false));
        }
        Write(response, request.Version, request.Client, answers);
        return ApiResult.Respond;
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version);
    }

    private async ValueTask<Answer> FindAsync(KafkaRequest request, TopicName wanted, bool allowAutoCreate)
    {
        TopicRegistry topics = broker.Journal.Topics;
        if (wanted.Name is not { } name)
        {
            return topics.TryGet(wanted.Id, out Topic byId) && !byId.IsDeleted && request.Session.MaySee(byId.Name)
                ? new(ErrorCode.None, byId.Name, byId.Id, byId)
                : new(ErrorCode.UnknownTopicId, null, wanted.Id, null);
        }
        if (!request.Session.MaySee(name)) return new(ErrorCode.TopicAuthorizationFailed, name, Guid.Empty, null);
        if (topics.TryGet(name, out Topic topic) && !topic.IsDeleted) return new(ErrorCode.None, name, topic.Id, topic);
        if (!TopicRegistry.IsValidName(name)) return new(ErrorCode.InvalidTopic, name, Guid.Empty, null);
        if (!allowAutoCreate || !broker.Options.AutoCreateTopics || !request.Session.May(AclOperation.Publish, name)) return new(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty, null);
        if (name.StartsWith("__", StringComparison.Ordinal)) return new(ErrorCode.InvalidTopic, name, Guid.Empty, null); // the journal's own names
        Topic? created = await broker.Ingest.GetOrCreateTopicAsync(name, request.Aborted).ConfigureAwait(false);
        return created is null ? new(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty, null) : new(ErrorCode.None, name, created.Id, created);
    }

    private void Write(KafkaWriter response, short version, ClientInfo client, List<Answer> answers)
    {
        if (version >= 3) response.WriteInt32(0);
        response.WriteArrayLength(1);
        response.WriteInt32(broker.Options.NodeId);
        response.WriteString(client.AdvertisedHost);
        response.WriteInt32(client.AdvertisedPort);
        if (version >= 1) response.WriteNullableString(null); // rack
        response.WriteTags();
        if (version >= 2) response.WriteNullableString(broker.ClusterId);
        if (version >= 1) response.WriteInt32(broker.Options.NodeId);
        response.WriteArrayLength(answers.Count);
        foreach (Answer answer in answers) WriteTopic(response, version, answer);
        if (version is >= 8 and <= 10) response.WriteInt32(int.MinValue); // authorised operations: not asked for
        response.WriteTags();
    }

    private void WriteTopic(KafkaWriter response, short version, in Answer answer)
    {
        response.WriteError(answer.Error);
        if (version >= 12) response.WriteNullableString(answer.Name);
        else response.WriteString(answer.Name ?? "");
        if (version >= 10) response.WriteUuid(answer.Id);
        if (version >= 1) response.WriteBool(answer.Topic?.IsInternal ?? false);
        IReadOnlyList<Partition> partitions = answer.Topic?.Partitions ?? [];
        response.WriteArrayLength(partitions.Count);
        ReadOnlySpan<int> self = [broker.Options.NodeId];
        for (int i = 0; i < partitions.Count; i++)
        {
            response.WriteError(ErrorCode.None);
            response.WriteInt32(i);
            response.WriteInt32(broker.Options.NodeId);
            if (version >= 7) response.WriteInt32(broker.Journal.Epoch);
            response.WriteInt32Array(self);
            response.WriteInt32Array(self);
            if (version >= 5) response.WriteInt32Array([]);
            response.WriteTags();
        }
        if (version >= 8) response.WriteInt32(int.MinValue);
        response.WriteTags();
    }
}
