using System.Buffers;
using System.Text.Json;

namespace Edge.CloudSync.Forwarding;

/// <summary>Where each partition goes on after a fork, as <c>__boots</c> keeps it until the fork's first transaction is at the centre.</summary>
internal static class ForkPlan
{
    /// <summary>JSON object <c>{"topic/partition": offset}</c>.</summary>
    public static byte[] ToJson(IEnumerable<KeyValuePair<string, long>> positions)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach ((string key, long at) in positions) json.WriteNumber(key, at);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null when there is none, or none that can be read.</summary>
    public static Dictionary<string, long>? Parse(ReadOnlyMemory<byte>? utf8)
    {
        if (utf8 is not { Length: > 0 } text) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt64(), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
