using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Replaces all settings of topics (key 33): what is not named goes back to its default.</summary>
internal sealed class AlterConfigsApi(BrokerContext broker) : IKafkaApi
{
    private readonly ConfigChanges _changes = new(broker);

    public ApiKey Key => ApiKey.AlterConfigs;
    public short MinVersion => 0;
    public short MaxVersion => 2;
    public short FirstFlexible => 2;

    internal readonly record struct Setting(string Name, string? Value);

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
            int settingCount = reader.ReadArrayLength(2);
            var settings = new List<Setting>(settingCount);
            for (int s = 0; s < settingCount; s++)
            {
                settings.Add(new(reader.ReadString(), reader.ReadNullableString()));
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
            ConfigChanges.Change[] changes = [.. resource.Settings.Select(s => (ConfigChanges.Change)((config, _) => TopicConfigNames.TrySet(config, s.Name, s.Value, out string problem) ? null : problem))];
            answers.Add(await _changes.ApplyAsync(request, resource.Type, resource.Name, changes, isWhole: true, message.ValidateOnly).ConfigureAwait(false));
        }
        ConfigChanges.Write(response, answers);
        return ApiResult.Respond;
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
