using System.Buffers;
using System.Text;
using Edge.Ingest.Payloads;

namespace Edge.Ingest.Routing;

/// <summary>A route whose filter and templates are parsed.</summary>
internal sealed class CompiledRoute
{
    public const int MinPriority = -10, MaxPriority = 10;

    private readonly TopicFilter _filter;
    private readonly RouteTemplate _topic, _key;
    private readonly string? _fixedTopic;

    private CompiledRoute(TopicFilter filter, RouteTemplate topic, RouteTemplate key, int priority, PayloadFormat? format)
    {
        Format = format;
        (_filter, _topic, _key, Priority) = (filter, topic, key, priority);
        NeedsPayload = topic.NeedsPayload || key.NeedsPayload;
        _fixedTopic = topic.Fixed is { } text ? TopicNames.Sanitize(text) : null;
    }

    public int Priority { get; }

    public bool NeedsPayload { get; }

    /// <summary>Null: payloads are stored untouched.</summary>
    public PayloadFormat? Format { get; }

    public int CaptureCount => _filter.CaptureCount;

    /// <summary>Adds every problem of the route to <paramref name="problems"/>; null when there was one.</summary>
    public static CompiledRoute? Parse(int index, RouteOptions options, List<string> problems)
    {
        int before = problems.Count;
        string path = $"Routes:{index}";
        string filterText = options.Filter ?? "", topicText = options.Topic ?? "", payload = options.Payload ?? "";
        if (TopicFilter.TryParse(filterText, out TopicFilter? filter) is { } reason) problems.Add($"{path}:filter is '{filterText}'; an MQTT filter {reason}.");
        RouteTemplate? topic = RouteTemplate.Parse($"{path}:topic", topicText, filter, problems);
        if (topicText.Length == 0) problems.Add($"{path}:topic is empty; name a topic, for example telemetry.");
        else if (topicText.StartsWith("__", StringComparison.Ordinal)) problems.Add($"{path}:topic is '{topicText}'; names that start with __ are the appliance's own.");
        RouteTemplate? key = RouteTemplate.Parse($"{path}:key", options.Key ?? "", filter, problems);
        if (options.Priority is < MinPriority or > MaxPriority) problems.Add($"{path}:priority is {options.Priority}; use {MinPriority} to {MaxPriority}.");
        PayloadFormat? format = ParseFormat(path, payload, options, problems);
        return problems.Count == before ? new CompiledRoute(filter!, topic!, key!, options.Priority, format) : null;
    }

    private static PayloadFormat? ParseFormat(string path, string payload, RouteOptions options, List<string> problems)
    {
        JsonPath? timestamp = Field("timestamp", options.Timestamp), value = Field("value", options.Value);
        switch (payload)
        {
            case "" or "raw": return null;
            case "json": return new JsonFormat(timestamp, value);
            case "senml": return new SenMlFormat();
            case "sparkplug": return new SparkplugFormat();
            default:
                problems.Add($"{path}:payload is '{payload}'; use raw, json, senml or sparkplug, or leave it out.");
                return null;
        }

        JsonPath? Field(string name, string? text)
        {
            if (string.IsNullOrEmpty(text)) return null;
            if (payload != "json") problems.Add($"{path}:{name} is '{text}', which needs payload json.");
            string? reason = text.StartsWith('{') && text.EndsWith('}') ? JsonPath.TryParse(text[1..^1], out JsonPath? field) : "is not a field; use {$.name}";
            if (reason is null) return JsonPath.TryParse(text[1..^1], out field) is null ? field : null;
            problems.Add($"{path}:{name} is '{text}', which {reason}.");
            return null;
        }
    }

    public bool IsMatch(string mqttTopic, Span<Range> captures) => _filter.IsMatch(mqttTopic, captures);

    public RouteMatch Expand(string mqttTopic, ReadOnlySpan<Range> captures, string clientId, string userName, in ReadOnlySequence<byte> payload)
    {
        int missingInTopic = 0;
        string topic = _fixedTopic ?? TopicNames.Sanitize(_topic.Expand(mqttTopic, captures, clientId, userName, payload, out missingInTopic));
        string key = _key.Expand(mqttTopic, captures, clientId, userName, payload, out int missingInKey);
        return new RouteMatch(topic, Encoding.UTF8.GetBytes(key), string.Equals(key, mqttTopic, StringComparison.Ordinal), missingInTopic + missingInKey);
    }
}
