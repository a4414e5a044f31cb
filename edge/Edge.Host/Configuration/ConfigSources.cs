using System.Collections;
using System.Text.Json;

namespace Edge.Host.Configuration;

/// <summary>Reads file, environment and <c>--set</c> into one list of values; later ones override earlier ones of the same key.</summary>
internal sealed class ConfigSources(List<ConfigProblem> problems)
{
    public const string EnvironmentPrefix = "EDGE_";
    private const int MaxFileBytes = 4 << 20;

    private readonly Dictionary<string, ConfigValue> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _emptied = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ConfigValue> Values => _values.Values;

    /// <summary>True when that list was given as <c>[]</c>: nothing, instead of the default.</summary>
    public bool IsEmptied(string list) => _emptied.Contains(list);

    public void AddFile(string path)
    {
        string origin = Path.GetFileName(path);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) problems.Add(new(path, null, "there is no such file", ""));
            else if (file.Length > MaxFileBytes) problems.Add(new(path, null, $"the file has {file.Length} bytes; a configuration has at most {ConfigText.Size(MaxFileBytes)}", ""));
            else AddJson("", File.ReadAllBytes(path), origin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { problems.Add(new(path, null, $"cannot be read: {e.Message}", "")); }
    }

    public void AddEnvironment(IDictionary variables)
    {
        foreach (DictionaryEntry entry in variables)
        {
            string name = (string)entry.Key;
            if (name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
                AddText(name[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal), (string?)entry.Value ?? "", name);
        }
    }

    public void AddSetting(string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) problems.Add(new(setting, null, "--set takes KEY=VALUE, for example --set Mqtt:Port=1884", "--set"));
        else AddText(setting[..equals].Trim(), setting[(equals + 1)..], "--set");
    }

    private void AddText(string key, string text, string origin)
    {
        string trimmed = text.TrimStart();
        bool isSection = key.Split(':').Length <= 2 && trimmed.Length > 0 && trimmed[0] is '[' or '{' && !ConfigKeys.All.Any(k => k.Matches(key.Split(':'), out _));
        if (isSection) AddJson(key, System.Text.Encoding.UTF8.GetBytes(text), origin);
        else Add(new ConfigValue(key, JsonValueKind.Undefined, text, [], origin));
    }

    private void AddJson(string prefix, ReadOnlyMemory<byte> json, string origin)
    {
        if (json.Span.StartsWith("\uFEFF"u8)) json = json[3..];
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 16 });
            if (prefix.Length == 0 && document.RootElement.ValueKind != JsonValueKind.Object)
                problems.Add(new(origin, null, "a configuration is one JSON object: { \"Mqtt\": { \"Port\": 1883 } }", ""));
            else Flatten(prefix, document.RootElement, origin, new(StringComparer.OrdinalIgnoreCase));
        }
        catch (JsonException e)
        {
            problems.Add(new(prefix.Length == 0 ? origin : prefix, null, $"is not JSON, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: {e.Message.Split(" LineNumber")[0]}", origin));
        }
    }

    private void Flatten(string key, JsonElement element, string origin, HashSet<string> seen)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject()) Flatten(key.Length == 0 ? property.Name : $"{key}:{property.Name}", property.Value, origin, seen);
                break;
            case JsonValueKind.Array when ConfigKeys.Lists.Contains(key, StringComparer.OrdinalIgnoreCase):
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    if (item.ValueKind != JsonValueKind.Object || !item.EnumerateObject().Any())
                        problems.Add(new($"{key}:{index}", null, $"an entry of {key} is an object with at least one key", origin));
                    else Flatten($"{key}:{index}", item, origin, seen);
                    index++;
                }
                Emptied(key, index == 0);
                break;
            case JsonValueKind.Null: // as if the key were not there
                break;
            default:
                if (!seen.Add(key)) problems.Add(new(key, null, "is given twice", origin));
                Add(Value(key, element, origin));
                break;
        }
    }

    private static ConfigValue Value(string key, JsonElement element, string origin) => element.ValueKind switch
    {
        JsonValueKind.String => new(key, element.ValueKind, element.GetString()!, [], origin),
        JsonValueKind.Array when element.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
            => new(key, element.ValueKind, element.GetRawText(), [.. element.EnumerateArray().Select(static item => item.GetString()!)], origin),
        JsonValueKind.Array => new(key, JsonValueKind.Object, element.GetRawText(), [], origin), // not a list of texts: no key takes it
        _ => new(key, element.ValueKind, element.GetRawText(), [], origin),
    };

    private void Add(ConfigValue value)
    {
        _values[value.Key] = value;
        _emptied.Remove(value.Key.Split(':')[0]);
    }

    private void Emptied(string list, bool isEmpty)
    {
        if (!isEmpty) return;
        _emptied.Add(list);
        foreach (string key in _values.Keys.Where(k => k.StartsWith($"{list}:", StringComparison.OrdinalIgnoreCase)).ToList()) _values.Remove(key);
    }
}
