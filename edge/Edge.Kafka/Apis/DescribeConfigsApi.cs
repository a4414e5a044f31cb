using System.Globalization;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>Settings of topics and of this broker under Kafka's names (key 32).</summary>
internal sealed class DescribeConfigsApi(BrokerContext broker) : IKafkaApi
{
    private const sbyte DynamicTopicSource = 1, StaticBrokerSource = 4, DefaultSource = 5;

    public ApiKey Key => ApiKey.DescribeConfigs;
    public short MinVersion => 1;
    public short MaxVersion => 4;
    public short FirstFlexible => 4;

    /// <param name="Keys">Null = all.</param>
    internal sealed record Resource(sbyte Type, string Name, List<string>? Keys);

    internal sealed record Request(List<Resource> Resources, bool IncludeSynonyms, bool IncludeDocumentation);

    internal static sbyte SourceOf(in TopicConfigNames.Entry entry) => entry.IsReadOnly ? StaticBrokerSource : entry.IsDefault ? DefaultSource : DynamicTopicSource;

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        int count = reader.ReadArrayLength(3);
        var resources = new List<Resource>(count);
        for (int i = 0; i < count; i++)
        {
            sbyte type = reader.ReadInt8();
            string name = reader.ReadString();
            int keyCount = reader.ReadNullableArrayLength(1);
            List<string>? keys = keyCount < 0 ? null : [];
            for (int k = 0; k < keyCount; k++) keys!.Add(reader.ReadString());
            reader.SkipTags();
            resources.Add(new(type, name, keys));
        }
        bool synonyms = reader.ReadBool(), documentation = version >= 3 && reader.ReadBool();
        reader.SkipTags();
        return new(resources, synonyms, documentation);
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        Request message = Parse(ref reader, request.Version);
        response.WriteInt32(0);
        response.WriteArrayLength(message.Resources.Count);
        foreach (Resource resource in message.Resources)
        {
            (ErrorCode error, string? reason, List<TopicConfigNames.Entry> entries) = Find(request, resource);
            if (resource.Keys is { Count: > 0 } keys) entries.RemoveAll(e => !keys.Contains(e.Name));
            response.WriteError(error);
            response.WriteNullableString(reason);
            response.WriteInt8(resource.Type);
            response.WriteString(resource.Name);
            response.WriteArrayLength(entries.Count);
            foreach (TopicConfigNames.Entry entry in entries) WriteEntry(response, request.Version, message, entry);
            response.WriteTags();
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private (ErrorCode Error, string? Reason, List<TopicConfigNames.Entry> Entries) Find(KafkaRequest request, Resource resource)
    {
        if (resource.Type == ConfigChanges.TopicResource && !request.Session.MaySee(resource.Name))
            return (ErrorCode.TopicAuthorizationFailed, $"User '{request.Session.UserName}' may not see topic '{resource.Name}'.", []);
        switch (resource.Type)
        {
            case ConfigChanges.TopicResource when broker.Journal.Topics.TryGet(resource.Name, out Topic topic) && !topic.IsDeleted:
                return (ErrorCode.None, null, TopicConfigNames.Describe(topic.Config, broker.Ingest.Options.TopicDefaults, broker.Journal.Options));
            case ConfigChanges.TopicResource:
                return (ErrorCode.UnknownTopicOrPartition, $"Topic '{resource.Name}' does not exist.", []);
            case ConfigChanges.BrokerResource when resource.Name.Length == 0 || resource.Name == Text(broker.Options.NodeId):
                return (ErrorCode.None, null, DescribeBroker());
            default:
                return (ErrorCode.InvalidRequest, $"Resource type {resource.Type} named '{resource.Name}' has no settings; topics (2) and broker {broker.Options.NodeId} (4) have.", []);
        }
    }

    private List<TopicConfigNames.Entry> DescribeBroker() =>
    [
        Fixed("node.id", Text(broker.Options.NodeId)),
        Fixed("num.partitions", Text(broker.Ingest.Options.DefaultPartitions)),
        Fixed("default.replication.factor", "1"),
        Fixed("message.max.bytes", Text(broker.Journal.Options.MaxBatchBytes)),
        Fixed("socket.request.max.bytes", Text(broker.Options.MaxRequestBytes)),
        Fixed("fetch.max.bytes", Text(broker.Options.MaxFetchBytes)),
        Fixed("auto.create.topics.enable", broker.Options.AutoCreateTopics ? "true" : "false"),
        Fixed("log.retention.ms", Text(broker.Ingest.Options.TopicDefaults.RetentionMs)),
        Fixed("log.retention.bytes", Text(broker.Ingest.Options.TopicDefaults.RetentionBytes)),
        Fixed("log.segment.bytes", Text(broker.Journal.Options.SegmentBytes)),
    ];

    private static TopicConfigNames.Entry Fixed(string name, string value) => new(name, value, true, true, TopicConfigNames.ConfigType.String, "");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static void WriteEntry(KafkaWriter response, short version, Request message, in TopicConfigNames.Entry entry)
    {
        response.WriteString(entry.Name);
        response.WriteNullableString(entry.Value);
        response.WriteBool(entry.IsReadOnly);
        response.WriteInt8(SourceOf(entry));
        response.WriteBool(false); // sensitive
        response.WriteArrayLength(message.IncludeSynonyms ? 1 : 0);
        if (message.IncludeSynonyms)
        {
            response.WriteString(entry.Name);
            response.WriteNullableString(entry.Value);
            response.WriteInt8(SourceOf(entry));
            response.WriteTags();
        }
        if (version >= 3)
        {
            response.WriteInt8((sbyte)entry.Type);
            response.WriteNullableString(message.IncludeDocumentation ? entry.Documentation : null);
        }
        response.WriteTags();
    }
}
