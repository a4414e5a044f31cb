using System.Globalization;
using System.Text.Json;
using Edge.Hardware;

namespace Edge.Host.Composition;

/// <summary>Sensors and readings as JSON.</summary>
internal static class SensorJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<SensorStatus> sensors)
    {
        foreach (SensorStatus sensor in sensors)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, sensor.Name);
            json.WriteString("driver"u8, sensor.Driver);
            json.WriteString("topic"u8, sensor.Topic);
            json.WriteNumber("intervalMs"u8, (long)sensor.Interval.TotalMilliseconds);
            json.WriteBoolean("healthy"u8, sensor.IsHealthy);
            json.WriteNumber("reads"u8, sensor.Reads);
            json.WriteNumber("faults"u8, sensor.Faults);
            json.WriteNumber("published"u8, sensor.Published);
            json.WriteNumber("dropped"u8, sensor.Dropped);
            json.WriteNumber("missed"u8, sensor.Missed);
            json.WriteString("bus"u8, sensor.Bus);
            json.WriteNumber("suppressed"u8, sensor.Suppressed);
            json.WriteNumber("retried"u8, sensor.Retried);
            json.WriteNumber("maxLatenessMs"u8, (long)sensor.MaxLateness.TotalMilliseconds);
            if (sensor.LastRead is { } last) json.WriteString("lastRead"u8, Iso(last));
            if (sensor.LastError is { } error) json.WriteString("lastError"u8, error);
            json.WritePropertyName("readings"u8);
            Write(json, sensor.Values);
            json.WriteEndObject();
        }
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<SensorReading> readings)
    {
        json.WriteStartArray();
        foreach (SensorReading reading in readings)
        {
            json.WriteStartObject();
            json.WriteString("metric"u8, reading.Metric);
            if (double.IsFinite(reading.Value)) json.WriteNumber("value"u8, reading.Value);
            else json.WriteNull("value"u8);
            json.WriteString("unit"u8, reading.Unit);
            json.WriteString("quality"u8, QualityName.Of(reading.Quality));
            json.WriteString("time"u8, Iso(DateTimeOffset.FromUnixTimeMilliseconds(reading.TimestampMs)));
            if (reading.Error is { } error) json.WriteString("error"u8, error);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
