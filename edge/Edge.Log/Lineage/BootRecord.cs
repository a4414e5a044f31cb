using System.Text.Json;

namespace Edge.Log.Lineage;

/// <summary>One boot of the journal, as its first frame in <c>__boots</c> holds it.</summary>
/// <param name="Epoch">Number of the boot; Kafka's leader epoch of what it appended.</param>
/// <param name="BootId">Random: tells two boots with the same number apart, after a backup was restored or a card cloned.</param>
/// <param name="Log">Lineage it began under.</param>
/// <param name="Started">By the device's clock, which may have been wrong.</param>
/// <param name="Starts">First offset of this boot, by <c>topic/partition</c>; only partitions whose end had moved since the boot before.</param>
public sealed record BootRecord(int Epoch, Guid BootId, string Log, DateTimeOffset Started, IReadOnlyDictionary<string, long> Starts)
{
    internal byte[] ToJson()
    {
        using var value = new MemoryStream();
        using (var json = new Utf8JsonWriter(value))
        {
            json.WriteStartObject();
            json.WriteString("boot"u8, BootId);
            json.WriteString("log"u8, Log);
            json.WriteNumber("startedMs"u8, Started.ToUnixTimeMilliseconds());
            json.WriteStartObject("starts"u8);
            foreach ((string partition, long offset) in Starts) json.WriteNumber(partition, offset);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return value.ToArray();
    }

    /// <summary>Null when it is no boot record.</summary>
    internal static BootRecord? TryParse(int epoch, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            if (!root.TryGetProperty("boot", out JsonElement boot) || !boot.TryGetGuid(out Guid id)) return null;
            var starts = new Dictionary<string, long>(StringComparer.Ordinal);
            if (root.TryGetProperty("starts", out JsonElement given))
                foreach (JsonProperty start in given.EnumerateObject()) starts[start.Name] = start.Value.GetInt64();
            string log = root.TryGetProperty("log", out JsonElement name) ? name.GetString() ?? "" : "";
            long started = root.TryGetProperty("startedMs", out JsonElement time) ? time.GetInt64() : 0;
            return new BootRecord(epoch, id, log, DateTimeOffset.FromUnixTimeMilliseconds(started), starts);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
