using System.Globalization;
using System.Text.Json;

namespace Edge.Host.Configuration;

/// <summary>Writes what may be configured: as JSON schema, as the reference page, and the values in effect.</summary>
internal static class ConfigSchema
{
    /// <summary>JSON Schema 2020-12 of the file. Names are case-insensitive in truth; a schema cannot say that.</summary>
    public static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("$schema"u8, "https://json-schema.org/draft/2020-12/schema");
        json.WriteString("title"u8, "Edge configuration");
        WriteLevel(json, [.. ConfigKeys.All], 0);
        json.WriteEndObject();
    }

    private static void WriteLevel(Utf8JsonWriter json, IReadOnlyList<ConfigKey> keys, int depth)
    {
        json.WriteString("type"u8, "object");
        json.WriteStartObject("properties"u8);
        foreach (var group in keys.Where(k => k.Parts[depth] != "*").GroupBy(k => k.Parts[depth]))
        {
            json.WriteStartObject(group.Key);
            WriteNode(json, [.. group], depth);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        ConfigKey[] free = [.. keys.Where(k => k.Parts[depth] == "*")];
        if (free.Length == 0) json.WriteBoolean("additionalProperties"u8, false);
        else
        {
            json.WriteStartObject("additionalProperties"u8);
            WriteNode(json, free, depth);
            json.WriteEndObject();
        }
    }

    private static void WriteNode(Utf8JsonWriter json, ConfigKey[] keys, int depth)
    {
        if (keys.Length == 1 && keys[0].Parts.Length == depth + 1) WriteKey(json, keys[0]);
        else if (keys.All(k => k.Parts[depth + 1] == "*") && ConfigKeys.Lists.Contains(keys[0].Parts[depth]))
        {
            json.WriteString("type"u8, "array");
            json.WriteStartObject("items"u8);
            WriteLevel(json, keys, depth + 2);
            json.WriteEndObject();
        }
        else WriteLevel(json, keys, depth + 1);
    }

    private static void WriteKey(Utf8JsonWriter json, ConfigKey key)
    {
        if (key.Kind is ConfigKind.Size or ConfigKind.Text && key.Allowed.Contains("-1", StringComparison.Ordinal) || key.Kind == ConfigKind.Size)
        {
            json.WriteStartArray("type"u8);
            json.WriteStringValue("string"u8);
            json.WriteStringValue("integer"u8);
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("type"u8, key.Kind switch { ConfigKind.Boolean => "boolean", ConfigKind.Number => "integer", ConfigKind.List => "array", _ => "string" });
        }
        if (key.Kind == ConfigKind.List)
        {
            json.WriteStartObject("items"u8);
            json.WriteString("type"u8, "string");
            json.WriteEndObject();
        }
        json.WriteString("description"u8, $"{key.Meaning}. Takes {key.Allowed}.");
        json.WriteString("x-kind"u8, KindName(key.Kind));
        json.WriteString("x-default"u8, key.Default);
        if (key.Kind is ConfigKind.Size or ConfigKind.Duration) json.WriteString("x-unit"u8, key.Kind == ConfigKind.Size ? "bytes" : "ms");
        string suffix = key.Kind == ConfigKind.Number ? "" : "x-";
        if (key.Minimum is { } minimum) json.WriteNumber(suffix + "minimum", minimum);
        if (key.Maximum is { } maximum) json.WriteNumber(suffix + "maximum", maximum);
        if (key.Choices.Count == 0) return;
        json.WriteStartArray("enum"u8);
        foreach (string choice in key.Choices) json.WriteStringValue(choice);
        json.WriteEndArray();
    }

    /// <summary>docs/reference/configuration.md, of which a test holds that it is what this writes.</summary>
    public static string Markdown()
    {
        var page = new System.Text.StringBuilder();
        page.Append("""
            # Configuration

            One JSON file (comments and trailing commas allowed), overridden by the environment (`EDGE_Mqtt__Port=1884`), overridden by `--set Mqtt:Port=1884`.
            Names are case-insensitive, except names of topics and of settings. Lists are merged by index; `[]` means none. Unknown keys, wrong types and values out of
            range are reported all at once with key, value and what is allowed; the exit code is 2 and nothing starts.

            ```json
            {
              // a comment
              "Data": { "Directory": "/var/lib/edge" },
              "Topics": { "Defaults": { "partitions": 4 }, "alarms": { "partitions": 1, "retention.ms": "30d" } },
              "Routes": [ { "Filter": "sensors/+/temperature", "Topic": "temperature", "Key": "{1}" }, { "Filter": "#" } ],
              "Sync": { "BootstrapServers": "centre.example:9092" }
            }
            ```

            Sizes: plain bytes, `500kB` (1000), `64MiB` (1024). Durations: `250ms`, `10s`, `5min`, `2h`, `7d`, or ISO 8601 (`PT90S`).
            `edge config check FILE` checks, `edge config show` prints the values in effect and where each came from, `edge config schema` prints the JSON schema.

            Keys are read at start. `edge hub` has other defaults: `Sync:Enabled` false, no sensors.
            An MQTT, Kafka or HTTP listener that other machines reach needs its `UnsafePlaintext`: without encryption, everything, passwords too, is readable on the way.

            This page is generated from the table of keys (`edge config schema --markdown`).

            | key | default | takes | meaning |
            |---|---|---|---|

            """);
        foreach (ConfigKey key in ConfigKeys.All)
            page.Append(CultureInfo.InvariantCulture, $"| `{key.Name}` | {Cell(key.Default)} | {key.Allowed.Replace("|", "\\|", StringComparison.Ordinal)} | {key.Meaning} |\n");
        page.Append("\n`*` is an index, counted from 0 without a hole (`Routes`, `Sensors`), a metric (`Deadband`, `Calibration`, `Units`, `Range`), or a name (`Topics`, `Settings`, `Client`).\n\n## Not in this version\n\nThese are refused by name:\n\n| key | what it belongs to |\n|---|---|\n");
        foreach ((string name, string reason) in ConfigKeys.NotInThisVersion) page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {reason} |\n");
        return page.ToString();
    }

    /// <summary>Every key in effect with its value; those of lists and names for the entries that exist.</summary>
    public static IEnumerable<(string Key, string Value, string Origin)> Effective(LoadedConfig config)
    {
        foreach (ConfigKey key in ConfigKeys.All)
        {
            foreach (string wild in Wilds(key, config))
            {
                string name = key.NameOf(wild), value = key.Read(config.Options, wild);
                yield return (name, key.IsSecret ? "***" : value, config.Origins.GetValueOrDefault(name, "default"));
            }
        }
    }

    private static IEnumerable<string> Wilds(ConfigKey key, LoadedConfig config)
    {
        EdgeOptions options = config.Options;
        return (key.Parts[0], key.Parts.Count(static p => p == "*")) switch
        {
            (_, 0) => [""],
            ("Topics", _) => options.Topics.Keys,
            ("Routes", _) => Enumerable.Range(0, options.Routes.Count).Select(static i => i.ToString(CultureInfo.InvariantCulture)),
            ("Sensors", 1) => Enumerable.Range(0, options.Sensors.Count).Select(static i => i.ToString(CultureInfo.InvariantCulture)),
            ("Sensors", _) => options.Sensors.SelectMany((sensor, i) => ConfigKeys.MapOf(sensor, key.Parts[2]).Keys.Select(name => string.Create(CultureInfo.InvariantCulture, $"{i}:{name}"))),
            _ => options.Sync.Client.Keys,
        };
    }

    private static string Cell(string text) => text.Length == 0 ? "" : $"`{text}`";

    private static string KindName(ConfigKind kind) => kind switch
    {
        ConfigKind.Text => "text",
        ConfigKind.Boolean => "boolean",
        ConfigKind.Number => "number",
        ConfigKind.Size => "size",
        ConfigKind.Duration => "duration",
        ConfigKind.Choice => "choice",
        _ => "list",
    };
}
