using System.Globalization;
using System.Text.Json;
using Edge.Log.Topics;

namespace Edge.Http.Endpoints;

/// <summary>Settings of a topic under Kafka's names.</summary>
internal static class TopicSettings
{
    public static IEnumerable<(string Name, string Value)> Read(TopicConfig config) =>
    [
        ("retention.ms", config.RetentionMs.ToString(CultureInfo.InvariantCulture)),
        ("retention.bytes", config.RetentionBytes.ToString(CultureInfo.InvariantCulture)),
        ("cleanup.policy", config.CleanupPolicy.HasFlag(CleanupPolicy.Compact) ? config.CleanupPolicy.HasFlag(CleanupPolicy.Delete) ? "compact,delete" : "compact" : "delete"),
        ("full", config.Full == FullPolicy.Reject ? "reject" : "drop-oldest"),
    ];

    /// <summary>A copy with what the object's <c>config</c> gives.</summary>
    public static TopicConfig Apply(TopicConfig from, JsonElement body)
    {
        TopicConfig config = from with { };
        if (!body.TryGetProperty("config", out JsonElement settings) || settings.ValueKind == JsonValueKind.Null) return config;
        if (settings.ValueKind != JsonValueKind.Object) throw ProblemException.BadRequest("config is not a JSON object of names and values.");
        foreach (JsonProperty setting in settings.EnumerateObject())
            Set(config, setting.Name, setting.Value.ValueKind == JsonValueKind.String ? setting.Value.GetString()! : setting.Value.GetRawText());
        return config;
    }

    private static void Set(TopicConfig config, string name, string value)
    {
        switch (name)
        {
            case "retention.ms": config.RetentionMs = Number(name, value, "milliseconds, or -1 (for ever)"); break;
            case "retention.bytes": config.RetentionBytes = Number(name, value, "bytes, or -1 (no limit)"); break;
            case "cleanup.policy" when value == "delete": config.CleanupPolicy = CleanupPolicy.Delete; break;
            case "cleanup.policy": throw Refused(name, value, "delete");
            case "full" when value is "reject" or "drop-oldest": config.Full = value == "reject" ? FullPolicy.Reject : FullPolicy.DropOldest; break;
            case "full": throw Refused(name, value, "reject or drop-oldest");
            default: throw ProblemException.BadRequest($"config:{name} is not known; use retention.ms, retention.bytes, cleanup.policy, full.");
        }
    }

    private static long Number(string name, string value, string allowed) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= -1 ? number : throw Refused(name, value, allowed);

    private static ProblemException Refused(string name, string value, string allowed) => ProblemException.BadRequest($"config:{name} is '{value}'; use {allowed}.");
}
