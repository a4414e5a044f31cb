using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Edge.CloudSync.Cursors;

/// <summary>How far one partition was forwarded, as the centre has it in <c>edge.cursors</c>: written in the transaction that carries the records.</summary>
/// <param name="Next">First offset that is not at the centre.</param>
/// <param name="Previous">Offset sent last in this lineage; -1 when none was.</param>
/// <param name="Sequence">Rises by one with each transaction that touches the partition.</param>
/// <param name="Boots">Which boots wrote what was forwarded.</param>
/// <param name="Routing">Partition count of the central topic that the records were placed by.</param>
internal sealed record CentralCursor(long Next, long Previous, long Sequence, BootTrail Boots, int Routing)
{
    /// <summary>Key <c>c/device/log/topic/partition</c>.</summary>
    public static string KeyOf(string device, string log, string topic, int partition) => $"c/{device}/{log}/{topic}/{partition}";

    public byte[] ToJson(DateTimeOffset time)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("next"u8, Next);
            json.WriteNumber("previous"u8, Previous);
            json.WriteNumber("seq"u8, Sequence);
            json.WritePropertyName("boots"u8);
            Boots.Write(json);
            json.WriteNumber("routing"u8, Routing);
            json.WriteNumber("ts"u8, time.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null when the bytes are not a cursor. Unknown members are skipped.</summary>
    public static CentralCursor? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            JsonElement cursor = document.RootElement;
            return new CentralCursor(cursor.GetProperty("next").GetInt64(), cursor.GetProperty("previous").GetInt64(), cursor.GetProperty("seq").GetInt64(),
                BootTrail.Read(cursor.GetProperty("boots")), cursor.TryGetProperty("routing", out JsonElement routing) ? routing.GetInt32() : 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Topic and partition of a key of that device and log; false for any other key.</summary>
    public static bool TryParseKey(string key, string device, string log, out string topic, out int partition)
    {
        (topic, partition) = ("", -1);
        string prefix = $"c/{device}/{log}/";
        if (!key.StartsWith(prefix, StringComparison.Ordinal)) return false;
        int slash = key.LastIndexOf('/');
        if (slash <= prefix.Length || !int.TryParse(key.AsSpan(slash + 1), out partition)) return false;
        topic = key[prefix.Length..slash];
        return true;
    }
}
