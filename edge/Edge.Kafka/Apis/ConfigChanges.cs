using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Changes of topic settings, as both alter APIs make them: all of one topic or none, durable before the answer.</summary>
internal sealed class ConfigChanges(BrokerContext broker)
{
    public const sbyte TopicResource = 2, BrokerResource = 4;

    private readonly record struct Answer(ErrorCode Error, string? Reason, sbyte Type, string Name);

    /// <param name="isWhole">The settings replace all; what is not named goes back to its default.</param>
    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, AlterConfigsRequest message, bool isWhole, KafkaWriter response)
    {
        var answers = new List<Answer>(message.Resources.Count);
        foreach (AlterConfigsRequest.Resource resource in message.Resources) answers.Add(await ApplyAsync(request, resource, isWhole, message.ValidateOnly).ConfigureAwait(false));
        Write(response, answers);
        return ApiResult.Respond;
    }

    private async ValueTask<Answer> ApplyAsync(KafkaRequest request, AlterConfigsRequest.Resource resource, bool isWhole, bool validateOnly)
    {
        (sbyte type, string name, List<AlterConfigsRequest.Setting> settings) = resource;
        if (type == BrokerResource)
            return new(ErrorCode.PolicyViolation, "Settings of the broker are changed in the appliance's configuration ('edge config'), not by clients.", type, name);
        if (type != TopicResource)
            return new(ErrorCode.InvalidRequest, $"Resource type {type} named '{name}' has no settings that can be changed; topics (2) have.", type, name);
        if (!request.Session.May(AclOperation.Admin, name))
            return new(ErrorCode.TopicAuthorizationFailed, $"User '{request.Session.UserName}' may not change topic '{name}'.", type, name);
        if (!broker.Journal.Topics.TryGet(name, out Topic topic) || topic.IsDeleted || topic.IsInternal)
            return new(ErrorCode.UnknownTopicOrPartition, $"Topic '{name}' does not exist.", type, name);
        TopicConfig defaults = broker.Ingest.Options.TopicDefaults, config = (isWhole ? defaults : topic.Config) with { };
        foreach (AlterConfigsRequest.Setting setting in settings)
        {
            if (ProblemOf(config, defaults, setting) is { } problem) return new(ErrorCode.InvalidConfig, problem, type, name);
        }
        if (TopicRegistry.ProblemOf(config) is { } impossible) return new(ErrorCode.InvalidConfig, impossible, type, name);
        if (validateOnly || config == topic.Config) return new(ErrorCode.None, null, type, name);
        TopicChange done = await broker.Journal.Topics.AlterAsync(name, config).ConfigureAwait(false);
        return new(TopicErrors.Map(done.Status), done.Reason, type, name);
    }

    /// <summary>Makes one change on a copy of the settings.</summary>
    /// <returns>A problem, or null.</returns>
    private static string? ProblemOf(TopicConfig config, TopicConfig defaults, AlterConfigsRequest.Setting setting)
    {
        string problem = $"Setting {setting.Name} has operation {setting.Operation}; 0 (set), 1 (delete), 2 (append) and 3 (subtract) are known.";
        bool done = setting.Operation switch
        {
            AlterConfigsRequest.Set => TopicConfigNames.TrySet(config, setting.Name, setting.Value, out problem),
            AlterConfigsRequest.Delete => TopicConfigNames.TryReset(config, defaults, setting.Name),
            AlterConfigsRequest.Append or AlterConfigsRequest.Subtract =>
                TopicConfigNames.TryChangeList(config, setting.Name, setting.Value, setting.Operation == AlterConfigsRequest.Append, out problem),
            _ => false,
        };
        if (done) return null;
        return setting.Operation == AlterConfigsRequest.Delete ? $"{setting.Name} cannot be reset here; cleanup.policy, retention.ms, retention.bytes and full can." : problem;
    }

    private static void Write(KafkaWriter response, IReadOnlyList<Answer> answers)
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
