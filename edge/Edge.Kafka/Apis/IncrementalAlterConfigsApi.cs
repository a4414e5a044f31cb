using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Changes single settings of topics (key 44): what <c>kafka-configs --alter</c> sends.</summary>
internal sealed class IncrementalAlterConfigsApi(BrokerContext broker) : IKafkaApi
{
    private const sbyte Set = 0, Delete = 1, Append = 2, Subtract = 3;
    private readonly ConfigChanges _changes = new(broker);

    public ApiKey Key => ApiKey.IncrementalAlterConfigs;
    public short MinVersion => 0;
    public short MaxVersion => 1;
    public short FirstFlexible => 1;

    internal readonly record struct Setting(string Name, sbyte Operation, string? Value);

    internal sealed record Resource(sbyte Type, string Name, List<Setting> Settings);

    internal sealed record Request(List<Resource> Resources, bool ValidateOnly);

    internal static Request Parse(ref KafkaReader reader)
    {
        int count = reader.ReadArrayLength(3);
        var resources = new List<Resource>(count);
        for (int i = 0; i < count; i++)
        {
            sbyte type = reader.ReadInt8();
            string name = reader.ReadString();
            int settingCount = reader.ReadArrayLength(3);
            var settings = new List<Setting>(settingCount);
            for (int s = 0; s < settingCount; s++)
            {
                settings.Add(new(reader.ReadString(), reader.ReadInt8(), reader.ReadNullableString()));
                reader.SkipTags();
            }
            reader.SkipTags();
            resources.Add(new(type, name, settings));
        }
        bool validateOnly = reader.ReadBool();
        reader.SkipTags();
        return new(resources, validateOnly);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        var answers = new List<ConfigChanges.Answer>(message.Resources.Count);
        foreach (Resource resource in message.Resources)
        {
            ConfigChanges.Change[] changes = [.. resource.Settings.Select(ToChange)];
            answers.Add(await _changes.ApplyAsync(request, resource.Type, resource.Name, changes, isWhole: false, message.ValidateOnly).ConfigureAwait(false));
        }
        ConfigChanges.Write(response, answers);
        return ApiResult.Respond;
    }

    private static ConfigChanges.Change ToChange(Setting setting) => (config, defaults) =>
    {
        string problem = $"Setting {setting.Name} has operation {setting.Operation}; 0 (set), 1 (delete), 2 (append) and 3 (subtract) are known.";
        bool done = setting.Operation switch
        {
            Set => TopicConfigNames.TrySet(config, setting.Name, setting.Value, out problem),
            Delete => TopicConfigNames.TryReset(config, defaults, setting.Name),
            Append or Subtract => TopicConfigNames.TryChangeList(config, setting.Name, setting.Value, setting.Operation == Append, out problem),
            _ => false,
        };
        if (done) return null;
        return setting.Operation == Delete ? $"{setting.Name} cannot be reset here; cleanup.policy, retention.ms, retention.bytes and full can." : problem;
    };

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
