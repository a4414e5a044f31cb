using System.Buffers;
using System.Text.Json;

namespace Edge.CloudSync.Cursors;

/// <summary>Who forwards as a device, as the centre has it in <c>edge.cursors</c> under <c>d/device</c>: written in the first transaction after a start and on change.</summary>
/// <param name="Log">Lineage whose cursors count.</param>
/// <param name="Parents">Logs it descends from, newest first.</param>
/// <param name="Incarnation">Random per process: a foreign one while we were alive means a rival.</param>
/// <param name="Lanes">Lanes ever used; each has a transactional id that has to be fenced.</param>
/// <param name="Hardware">Serial number of the board, else its first MAC address.</param>
internal sealed record DeviceRecord(string Log, IReadOnlyList<string> Parents, string Incarnation, IReadOnlyList<string> Lanes, string Hardware)
{
    public static string KeyOf(string device) => $"d/{device}";

    public byte[] ToJson(DateTimeOffset time)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("log"u8, Log);
            WriteList(json, "parents", Parents);
            json.WriteString("incarnation"u8, Incarnation);
            WriteList(json, "lanes", Lanes);
            json.WriteString("hardware"u8, Hardware);
            json.WriteNumber("ts"u8, time.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null when the bytes are not a device record. Unknown members are skipped.</summary>
    public static DeviceRecord? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            JsonElement record = document.RootElement;
            return new DeviceRecord(record.GetProperty("log").GetString() ?? "", ReadList(record, "parents"), record.GetProperty("incarnation").GetString() ?? "",
                ReadList(record, "lanes"), record.TryGetProperty("hardware", out JsonElement hardware) ? hardware.GetString() ?? "" : "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static List<string> ReadList(JsonElement record, string name) =>
        record.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [];
}
