using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Makes topics (key 19). Answered when they are durable.</summary>
internal sealed class CreateTopicsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.CreateTopics;
    public short MinVersion => 2;
    public short MaxVersion => 7;
    public short FirstFlexible => 5;

    internal readonly record struct ConfigValue(string Name, string? Value);

    /// <param name="Partitions">-1 = the default, or as many as <paramref name="Assignments"/> has.</param>
    internal sealed record NewTopic(string Name, int Partitions, short ReplicationFactor, List<List<int>> Assignments, List<ConfigValue> Configs);

    internal sealed record Request(List<NewTopic> Topics, bool ValidateOnly);

    private readonly record struct Answer(ErrorCode Error, string? Reason, Guid Id, int Partitions, TopicConfig Config);

    internal static Request Parse(ref KafkaReader reader)
    {
        int count = reader.ReadArrayLength(9);
        var topics = new List<NewTopic>(count);
        for (int t = 0; t < count; t++)
        {
            string name = reader.ReadString();
            int partitions = reader.ReadInt32();
            short replicationFactor = reader.ReadInt16();
            int assignmentCount = reader.ReadArrayLength(5);
            var assignments = new List<List<int>>(assignmentCount);
            for (int a = 0; a < assignmentCount; a++)
            {
                reader.ReadInt32(); // partition index
                assignments.Add(reader.ReadInt32Array());
                reader.SkipTags();
            }
            int configCount = reader.ReadArrayLength(2);
            var configs = new List<ConfigValue>(configCount);
            for (int c = 0; c < configCount; c++)
            {
                configs.Add(new(reader.ReadString(), reader.ReadNullableString()));
                reader.SkipTags();
            }
            reader.SkipTags();
            topics.Add(new(name, partitions, replicationFactor, assignments, configs));
        }
        reader.ReadInt32(); // time-out: a commit either comes or the journal is fenced
        bool validateOnly = reader.ReadBool();
        reader.SkipTags();
        return new(topics, validateOnly);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        short version = request.Version;
        Request message = ParseBody(request);
        response.WriteInt32(0);
        response.WriteArrayLength(message.Topics.Count);
        foreach (NewTopic topic in message.Topics)
        {
            Answer answer = await CreateAsync(request, topic, message.ValidateOnly).ConfigureAwait(false);
            WriteTopic(response, version, topic.Name, answer);
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    private async ValueTask<Answer> CreateAsync(KafkaRequest request, NewTopic topic, bool validateOnly)
    {
        TopicConfig config = broker.Ingest.Options.TopicDefaults with { };
        if (!request.Session.May(AclOperation.Admin, topic.Name))
            return new(ErrorCode.TopicAuthorizationFailed, $"User '{request.Session.UserName}' may not create topic '{topic.Name}'.", Guid.Empty, -1, config);
        int partitions = topic.Assignments.Count > 0 ? topic.Assignments.Count : topic.Partitions == -1 ? broker.Ingest.Options.DefaultPartitions : topic.Partitions;
        (ErrorCode error, string? reason) = Check(topic, partitions, config);
        if (error != ErrorCode.None || validateOnly) return new(error, reason, Guid.Empty, partitions, config);
        TopicChange change = await broker.Journal.Topics.CreateAsync(topic.Name, partitions, config).ConfigureAwait(false);
        return new(TopicErrors.Map(change.Status), change.Reason, change.Topic?.Id ?? Guid.Empty, partitions, config);
    }

    private (ErrorCode Error, string? Reason) Check(NewTopic topic, int partitions, TopicConfig config)
    {
        if (!TopicRegistry.IsValidName(topic.Name) || TopicErrors.IsReserved(topic.Name))
            return (ErrorCode.InvalidTopic, $"Topic name '{topic.Name}' is not allowed; use 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-', not starting with '__'.");
        if (broker.Journal.Topics.TryGet(topic.Name, out Topic known) && !known.IsDeleted) return (ErrorCode.TopicAlreadyExists, $"Topic '{topic.Name}' already exists.");
        if (topic.ReplicationFactor is not (1 or -1))
            return (ErrorCode.InvalidReplicationFactor, $"Replication factor is {topic.ReplicationFactor}; this broker is one node: use 1 or -1.");
        if (topic.Assignments.Any(a => a.Count != 1 || a[0] != broker.Options.NodeId))
            return (ErrorCode.InvalidReplicaAssignment, $"Replicas can only be assigned to broker {broker.Options.NodeId}.");
        if (partitions < 1) return (ErrorCode.InvalidPartitions, $"Partition count is {partitions}; use -1 (default) or 1 and more.");
        foreach (ConfigValue set in topic.Configs)
        {
            if (!TopicConfigNames.TrySet(config, set.Name, set.Value, out string problem)) return (ErrorCode.InvalidConfig, problem);
        }
        return (ErrorCode.None, null);
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }

    private void WriteTopic(KafkaWriter response, short version, string name, in Answer answer)
    {
        bool isMade = answer.Error == ErrorCode.None;
        response.WriteString(name);
        if (version >= 7) response.WriteUuid(answer.Id);
        response.WriteError(answer.Error);
        response.WriteNullableString(answer.Reason);
        if (version >= 5)
        {
            response.WriteInt32(isMade ? answer.Partitions : -1);
            response.WriteInt16(isMade ? (short)1 : (short)-1);
            List<TopicConfigNames.Entry> entries = isMade ? TopicConfigNames.Describe(answer.Config, broker.Ingest.Options.TopicDefaults, broker.Journal.Options) : [];
            response.WriteArrayLength(entries.Count);
            foreach (TopicConfigNames.Entry entry in entries)
            {
                response.WriteString(entry.Name);
                response.WriteNullableString(entry.Value);
                response.WriteBool(entry.IsReadOnly);
                response.WriteInt8(DescribeConfigsApi.SourceOf(entry));
                response.WriteBool(false);
                response.WriteTags();
            }
        }
        response.WriteTags();
    }
}
