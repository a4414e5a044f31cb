using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Changes of topic settings, as both alter APIs make them: all of one topic or none, durable before the answer.</summary>
internal sealed class ConfigChanges(BrokerContext broker)
{
    public const sbyte TopicResource = 2, BrokerResource = 4;

    /// <summary>One of a resource's changes, on a copy of its settings.</summary>
    /// <returns>A problem, or null.</returns>
    public delegate string? Change(TopicConfig config, TopicConfig defaults);

    public readonly record struct Answer(ErrorCode Error, string? Reason, sbyte Type, string Name);

    /// <param name="isWhole">The changes replace all settings; what is not named goes back to its default.</param>
    public async ValueTask<Answer> ApplyAsync(KafkaRequest request, sbyte type, string name, IReadOnlyList<Change> changes, bool isWhole, bool validateOnly)
    {
        if (type == BrokerResource)
            return new(ErrorCode.PolicyViolation, "Settings of the broker are changed in the appliance's configuration ('edge config'), not by clients.", type, name);
        if (type != TopicResource)
            return new(ErrorCode.InvalidRequest, $"Resource type {type} named '{name}' has no settings that can be changed; topics (2) have.", type, name);
        if (!request.Session.May(AclOperation.Admin, name))
            return new(ErrorCode.TopicAuthorizationFailed, $"User '{request.Session.UserName}' may not change topic '{name}'.", type, name);
        if (!broker.Journal.Topics.TryGet(name, out Topic topic) || topic.IsDeleted || topic.IsInternal)
            return new(ErrorCode.UnknownTopicOrPartition, $"Topic '{name}' does not exist.", type, name);
        TopicConfig defaults = broker.Ingest.Options.TopicDefaults, config = (isWhole ? defaults : topic.Config) with { };
        foreach (Change change in changes)
        {
            if (change(config, defaults) is { } problem) return new(ErrorCode.InvalidConfig, problem, type, name);
        }
        if (TopicRegistry.ProblemOf(config) is { } impossible) return new(ErrorCode.InvalidConfig, impossible, type, name);
        if (validateOnly || config == topic.Config) return new(ErrorCode.None, null, type, name);
        TopicChange done = await broker.Journal.Topics.AlterAsync(name, config).ConfigureAwait(false);
        return new(TopicErrors.Map(done.Status), done.Reason, type, name);
    }

    public static void Write(KafkaWriter response, IReadOnlyList<Answer> answers)
    {
        response.WriteInt32(0);
        response.WriteArrayLength(answers.Count);
        foreach (Answer answer in answers)
        {
            response.WriteError(answer.Error);
            response.WriteNullableString(answer.Reason);
            response.WriteInt8(answer.Type);
            response.WriteString(answer.Name);
            response.WriteTags();
        }
        response.WriteTags();
    }
}
