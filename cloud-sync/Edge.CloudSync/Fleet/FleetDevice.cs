using System.Buffers;
using System.Text.Json;

namespace Edge.CloudSync.Fleet;

/// <summary>How an appliance says it is: its record in the central topic <c>edge.fleet</c>, key = device.</summary>
/// <param name="Time">When it said so, by its own clock.</param>
/// <param name="Epoch">Number of its boot.</param>
/// <param name="State">State of its uplink, in lower case.</param>
/// <param name="StoredBytes">Bytes of its journal on disk.</param>
public sealed record FleetDevice(string Device, string Site, string Log, string Version, int Epoch, DateTimeOffset Time, string State, string Delivery, long RecordsForwarded, long BacklogRecords,
    long BacklogBytes, DateTimeOffset? OldestBacklog, long StoredBytes, long RecordsDeadLettered, long GapsAnnounced, string? LastError)
{
    /// <summary>JSON of the value at the centre.</summary>
    public byte[] ToJson(IReadOnlyList<PartitionSyncStatus> positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, Device);
            json.WriteString("site"u8, Site);
            json.WriteString("log"u8, Log);
            json.WriteString("version"u8, Version);
            json.WriteNumber("epoch"u8, Epoch);
            json.WriteString("time"u8, Time);
            json.WriteString("state"u8, State);
            json.WriteString("delivery"u8, Delivery);
            json.WriteNumber("recordsForwarded"u8, RecordsForwarded);
            json.WriteNumber("backlogRecords"u8, BacklogRecords);
            json.WriteNumber("backlogBytes"u8, BacklogBytes);
            if (OldestBacklog is { } oldest) json.WriteString("oldestBacklog"u8, oldest);
            json.WriteNumber("storedBytes"u8, StoredBytes);
            json.WriteNumber("recordsDeadLettered"u8, RecordsDeadLettered);
            json.WriteNumber("gapsAnnounced"u8, GapsAnnounced);
            if (LastError is not null) json.WriteString("lastError"u8, LastError);
            json.WriteStartArray("positions"u8);
            foreach (PartitionSyncStatus position in positions)
            {
                json.WriteStartObject();
                json.WriteString("topic"u8, position.Topic);
                json.WriteNumber("partition"u8, position.Partition);
                json.WriteNumber("next"u8, position.Next);
                json.WriteNumber("end"u8, position.HighWatermark);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null when the bytes are no such record: anyone may write to a topic. Unknown members are skipped.</summary>
    public static FleetDevice? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            JsonElement root = document.RootElement;
            string Text(string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
            long Number(string name) => root.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;
            return new FleetDevice(root.GetProperty("device").GetString()!, Text("site"), Text("log"), Text("version"), (int)Number("epoch"), root.GetProperty("time").GetDateTimeOffset(), Text("state"),
                Text("delivery"), Number("recordsForwarded"), Number("backlogRecords"), Number("backlogBytes"),
                root.TryGetProperty("oldestBacklog", out JsonElement oldest) ? oldest.GetDateTimeOffset() : null, Number("storedBytes"), Number("recordsDeadLettered"), Number("gapsAnnounced"),
                root.TryGetProperty("lastError", out JsonElement error) ? error.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
