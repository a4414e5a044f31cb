using System.Buffers;
using System.Text.Json;

namespace Edge.Hardware.Payload;

/// <summary>Writes a reading as a plain JSON object.</summary>
public static class PlainJson
{
    public const string ContentType = "application/json";

    /// <summary><c>{"device":"edge-a","sensor":"attic","metric":"temperature","value":21.5,"unit":"Cel","quality":"good","time":1764057600123}</c>, time in ms since the Unix epoch.</summary>
    public static byte[] Write(string device, string sensor, in SensorReading reading)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("device"u8, device);
        writer.WriteString("sensor"u8, sensor);
        writer.WriteString("metric"u8, reading.Metric);
        writer.WriteNumber("value"u8, reading.Value);
        writer.WriteString("unit"u8, reading.Unit);
        writer.WriteString("quality"u8, QualityName.Of(reading.Quality));
        writer.WriteNumber("time"u8, reading.TimestampMs);
        if (reading.Edge is { } edge)
        {
            writer.WriteNumber("kernelTimeNs"u8, edge.TimeNs);
            writer.WriteNumber("sequence"u8, edge.Sequence);
            if (edge.LostBefore > 0) writer.WriteNumber("lostBefore"u8, edge.LostBefore);
        }
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
