using System.Buffers;
using System.Text.Json;

namespace Edge.CloudSync.Cursors;

/// <summary>How far forwarding got in one partition.</summary>
/// <param name="Next">First offset that is not confirmed by the centre.</param>
/// <param name="Previous">Offset sent last; -1 when none was sent in this lineage.</param>
/// <param name="IngestSequence">Where to read on: no unconfirmed record of the partition lies in an earlier frame.</param>
/// <param name="Log">Lineage of the journal the offsets belong to.</param>
/// <param name="Sequence">Number of the last committed transaction that touched the partition; 0 when none did.</param>
/// <param name="IsUnconfirmedMode">It was moved without transactions since then (<c>Sync:Delivery=at-least-once</c>).</param>
internal readonly record struct SyncCursor(long Next, long Previous, long IngestSequence, string Log, long Sequence = 0, bool IsUnconfirmedMode = false)
{
    /// <summary>Internal topic that holds the cursors, key <c>topic/partition</c>.</summary>
    public const string TableName = "__sync_cursors";

    public static string KeyOf(string topic, int partition) => $"{topic}/{partition}";

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("next"u8, Next);
            json.WriteNumber("previous"u8, Previous);
            json.WriteNumber("ingestSequence"u8, IngestSequence);
            json.WriteString("log"u8, Log);
            if (Sequence > 0) json.WriteNumber("seq"u8, Sequence);
            if (IsUnconfirmedMode) json.WriteBoolean("repeats"u8, true);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>False when the bytes are not a cursor. Unknown members are skipped: a later version may add some.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out SyncCursor cursor)
    {
        cursor = default;
        long next = -1, previous = -1, ingestSequence = 0, sequence = 0;
        bool repeats = false;
        string log = "";
        try
        {
            var json = new Utf8JsonReader(utf8);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("next"u8)) { json.Read(); next = json.GetInt64(); }
                else if (json.ValueTextEquals("previous"u8)) { json.Read(); previous = json.GetInt64(); }
                else if (json.ValueTextEquals("ingestSequence"u8)) { json.Read(); ingestSequence = json.GetInt64(); }
                else if (json.ValueTextEquals("seq"u8)) { json.Read(); sequence = json.GetInt64(); }
                else if (json.ValueTextEquals("repeats"u8)) { json.Read(); repeats = json.GetBoolean(); }
                else if (json.ValueTextEquals("log"u8)) { json.Read(); log = json.GetString() ?? ""; }
                else { json.Read(); json.Skip(); }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
        if (next < 0 || previous < -1 || ingestSequence < 0 || sequence < 0) return false;
        cursor = new SyncCursor(next, previous, ingestSequence, log, sequence, repeats);
        return true;
    }
}
