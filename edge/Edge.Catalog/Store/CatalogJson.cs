using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Edge.Catalog.Store;

/// <summary>Values of <c>__catalog</c>: JSON objects; times in milliseconds since the Unix epoch, UTC. Fields this version does not know are ignored.</summary>
internal static class CatalogJson
{
    public static byte[] Write(CatalogDevice device) => Write(writer =>
    {
        writer.WriteNumber("firstSeen"u8, device.FirstSeen.ToUnixTimeMilliseconds());
        writer.WriteNumber("lastSeen"u8, device.LastSeen.ToUnixTimeMilliseconds());
        if (device.User is not null) writer.WriteString("user"u8, device.User);
        writer.WriteString("address"u8, device.Address);
        writer.WriteNumber("connects"u8, device.Connects);
    });

    public static byte[] Write(CatalogRoute route) => Write(writer =>
    {
        writer.WriteString("filter"u8, route.Filter);
        writer.WriteString("topic"u8, route.Topic);
        writer.WriteString("key"u8, route.Key);
        writer.WriteNumber("priority"u8, route.Priority);
        writer.WriteString("payload"u8, route.Payload);
    });

    public static byte[] Write(CatalogSensor sensor) => Write(writer =>
    {
        writer.WriteString("driver"u8, sensor.Driver);
        writer.WriteString("topic"u8, sensor.Topic);
        writer.WriteString("key"u8, sensor.Key);
        writer.WriteNumber("intervalMs"u8, (long)sensor.Interval.TotalMilliseconds);
        writer.WriteStartObject("settings"u8);
        foreach ((string name, string value) in sensor.Settings.OrderBy(static s => s.Key, StringComparer.Ordinal)) writer.WriteString(name, value);
        writer.WriteEndObject();
    });

    /// <summary>A <see cref="CatalogDevice"/>, <see cref="CatalogRoute"/> or <see cref="CatalogSensor"/>; null when it cannot be read.</summary>
    public static object? TryRead(string key, ReadOnlyMemory<byte> value)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(value);
            JsonElement json = document.RootElement;
            if (key.StartsWith(CatalogKeys.Device, StringComparison.Ordinal))
            {
                return new CatalogDevice(
                    key[CatalogKeys.Device.Length..], Time(json, "firstSeen"), Time(json, "lastSeen"), Text(json, "user"), Text(json, "address") ?? "", Number(json, "connects"));
            }
            if (key.StartsWith(CatalogKeys.Route, StringComparison.Ordinal))
            {
                int index = int.Parse(key.AsSpan(CatalogKeys.Route.Length), NumberStyles.None, CultureInfo.InvariantCulture);
                return new CatalogRoute(index, Text(json, "filter") ?? "", Text(json, "topic") ?? "", Text(json, "key") ?? "", (int)Number(json, "priority"), Text(json, "payload") ?? "");
            }
            if (key.StartsWith(CatalogKeys.Sensor, StringComparison.Ordinal))
            {
                var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
                if (json.TryGetProperty("settings", out JsonElement all))
                    foreach (JsonProperty setting in all.EnumerateObject()) settings[setting.Name] = setting.Value.GetString() ?? "";
                return new CatalogSensor(
                    key[CatalogKeys.Sensor.Length..], Text(json, "driver") ?? "", Text(json, "topic") ?? "", Text(json, "key") ?? "", TimeSpan.FromMilliseconds(Number(json, "intervalMs")), settings);
            }
            return null;
        }
        // Not JSON, a field of another type, a number out of range: written by another version or damaged.
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException or ArgumentException) { return null; }
    }

    private static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        fields(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static DateTimeOffset Time(JsonElement json, string name) => DateTimeOffset.FromUnixTimeMilliseconds(Number(json, name));

    private static long Number(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
