using System.Globalization;
using Edge.Log;
using Edge.Log.Topics;

namespace Edge.Kafka.Apis;

/// <summary>A topic's settings under Kafka's names.</summary>
internal static class TopicConfigNames
{
    /// <summary>Kafka's numbers for the type of a setting.</summary>
    internal enum ConfigType : sbyte { String = 2, Int = 3, Long = 5, List = 7 }

    /// <param name="IsReadOnly">Fixed by the appliance; shown because tools ask for it.</param>
    internal readonly record struct Entry(string Name, string Value, bool IsDefault, bool IsReadOnly, ConfigType Type, string Documentation);

    public static List<Entry> Describe(TopicConfig config, TopicConfig defaults, LogOptions log) =>
    [
        new("cleanup.policy", Format(config.CleanupPolicy), config.CleanupPolicy == defaults.CleanupPolicy, false, ConfigType.List, "delete, compact or both."),
        new("retention.ms", Text(config.RetentionMs), config.RetentionMs == defaults.RetentionMs, false, ConfigType.Long, "How long records are kept; -1 = for ever."),
        new("retention.bytes", Text(config.RetentionBytes), config.RetentionBytes == defaults.RetentionBytes, false, ConfigType.Long, "Bytes kept per partition; -1 = no limit."),
        new("full", config.Full == FullPolicy.Reject ? "reject" : "drop-oldest", config.Full == defaults.Full, false, ConfigType.String, "What happens when the disk's bound is reached."),
        new("max.message.bytes", Text(log.MaxBatchBytes), true, true, ConfigType.Int, "Largest batch, header included."),
        new("segment.bytes", Text(log.SegmentBytes), true, true, ConfigType.Int, "Size of a journal segment, which all topics share."),
        new("compression.type", "producer", true, true, ConfigType.String, "Batches are stored as they were sent."),
        new("message.timestamp.type", "CreateTime", true, true, ConfigType.String, "Records keep the producer's time."),
        new("min.insync.replicas", "1", true, true, ConfigType.Int, "There is one node; an acknowledgement means on disk."),
    ];

    /// <summary>Puts one setting back to the appliance's default. False: there is no such setting.</summary>
    public static bool TryReset(TopicConfig config, TopicConfig defaults, string name)
    {
        switch (name)
        {
            case "retention.ms":
                config.RetentionMs = defaults.RetentionMs;
                return true;
            case "retention.bytes":
                config.RetentionBytes = defaults.RetentionBytes;
                return true;
            case "cleanup.policy":
                config.CleanupPolicy = defaults.CleanupPolicy;
                return true;
            case "full":
                config.Full = defaults.Full;
                return true;
            default:
                return name is "compression.type" or "message.timestamp.type" or "min.insync.replicas"; // they never leave it
        }
    }

    /// <summary>Adds to, or takes from, the one setting that is a list.</summary>
    public static bool TryChangeList(TopicConfig config, string name, string? value, bool add, out string problem)
    {
        problem = $"{name} is no list; append and subtract are for cleanup.policy.";
        if (name != "cleanup.policy") return false;
        var change = new TopicConfig();
        if (!TrySet(change, name, value, out problem)) return false;
        CleanupPolicy policy = add ? config.CleanupPolicy | change.CleanupPolicy : config.CleanupPolicy & ~change.CleanupPolicy;
        problem = "cleanup.policy would be empty; use delete, compact or delete,compact.";
        if (policy == 0) return false;
        config.CleanupPolicy = policy;
        return true;
    }

    /// <summary>Sets one setting on a copy.</summary>
    /// <param name="problem">Names setting, value and what is allowed.</param>
    public static bool TrySet(TopicConfig config, string name, string? value, out string problem)
    {
        problem = "";
        switch (name)
        {
            case "retention.ms" when TryNumber(value, out long ms):
                config.RetentionMs = ms;
                return true;
            case "retention.bytes" when TryNumber(value, out long bytes):
                config.RetentionBytes = bytes;
                return true;
            case "retention.ms" or "retention.bytes":
                problem = $"{name} is '{value}'; use -1 or a number from 0.";
                return false;
            case "cleanup.policy":
                CleanupPolicy policy = 0;
                foreach (string part in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    policy |= part switch { "delete" => CleanupPolicy.Delete, "compact" => CleanupPolicy.Compact, _ => (CleanupPolicy)0x80 };
                if (policy is 0 or > (CleanupPolicy.Delete | CleanupPolicy.Compact))
                {
                    problem = $"cleanup.policy is '{value}'; use delete, compact or delete,compact.";
                    return false;
                }
                config.CleanupPolicy = policy;
                return true;
            case "full":
                problem = $"full is '{value}'; use reject or drop-oldest.";
                if (value is not ("reject" or "drop-oldest")) return false;
                config.Full = value == "reject" ? FullPolicy.Reject : FullPolicy.DropOldest;
                return true;
            // What clients send along although it is what this broker does anyway.
            case "compression.type" when value is "producer":
            case "message.timestamp.type" when value is "CreateTime":
            case "min.insync.replicas" when value is "1":
                return true;
            default:
                problem = $"{name} (value '{value}') cannot be set here; cleanup.policy, retention.ms, retention.bytes and full can.";
                return false;
        }
    }

    private static bool TryNumber(string? value, out long number) => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && number >= -1;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Format(CleanupPolicy policy) => policy switch
    {
        CleanupPolicy.Delete => "delete",
        CleanupPolicy.Compact => "compact",
        _ => "delete,compact",
    };
}
