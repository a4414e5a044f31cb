using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Adds partitions to topics (key 37).</summary>
internal sealed class CreatePartitionsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.CreatePartitions;
    public short MinVersion => 0;
    public short MaxVersion => 3;
    public short FirstFlexible => 2;

    internal sealed record Growth(string Name, int Count, List<List<int>>? Assignments);

    internal sealed record Request(List<Growth> Topics, bool ValidateOnly);

    internal static Request Parse(ref KafkaReader reader)
    {
        int count = reader.ReadArrayLength(6);
        var topics = new List<Growth>(count);
        for (int t = 0; t < count; t++)
        {
            string name = reader.ReadString();
            int total = reader.ReadInt32();
            int assignmentCount = reader.ReadNullableArrayLength(1);
            List<List<int>>? assignments = assignmentCount < 0 ? null : [];
            for (int a = 0; a < assignmentCount; a++)
            {
                assignments!.Add(reader.ReadInt32Array());
                reader.SkipTags();
            }
            reader.SkipTags();
            topics.Add(new(name, total, assignments));
        }
        reader.ReadInt32(); // time-out
        bool validateOnly = reader.ReadBool();
        reader.SkipTags();
        return new(topics, validateOnly);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        response.WriteInt32(0);
        response.WriteArrayLength(message.Topics.Count);
        foreach (Growth growth in message.Topics)
        {
            (ErrorCode error, string? reason) = await GrowAsync(request, growth, message.ValidateOnly).ConfigureAwait(false);
            response.WriteString(growth.Name);
            response.WriteError(error);
            response.WriteNullableString(reason);
            response.WriteTags();
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    private async ValueTask<(ErrorCode Error, string? Reason)> GrowAsync(KafkaRequest request, Growth growth, bool validateOnly)
    {
        if (!request.Session.May(AclOperation.Admin, growth.Name)) return (ErrorCode.TopicAuthorizationFailed, $"User '{request.Session.UserName}' may not change topic '{growth.Name}'.");
        if (!broker.Journal.Topics.TryGet(growth.Name, out Topic topic) || topic.IsDeleted) return (ErrorCode.UnknownTopicOrPartition, $"Topic '{growth.Name}' does not exist.");
        if (topic.IsInternal) return (ErrorCode.InvalidTopic, $"Topic '{growth.Name}' is internal.");
        int added = growth.Count - topic.Partitions.Count;
        if (added <= 0) return (ErrorCode.InvalidPartitions, $"Topic '{growth.Name}' has {topic.Partitions.Count} partitions; {growth.Count} is not more.");
        if (growth.Assignments is { } assignments && (assignments.Count != added || assignments.Any(a => a.Count != 1 || a[0] != broker.Options.NodeId)))
            return (ErrorCode.InvalidReplicaAssignment, $"Each of the {added} new partitions can only be assigned to broker {broker.Options.NodeId}.");
        if (validateOnly) return (ErrorCode.None, null);
        TopicChange change = await broker.Journal.Topics.AddPartitionsAsync(growth.Name, growth.Count).ConfigureAwait(false);
        return (TopicErrors.Map(change.Status), change.Reason);
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
