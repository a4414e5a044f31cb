using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Edge.Hardware.Payload;

/// <summary>Writes a reading as a SenML pack of one record.</summary>
/// <remarks>Source: RFC 8428 sections 4 and 5 (names, JSON labels), units of its section 12.1 and RFC 8798 section 2.</remarks>
public static class SenMl
{
    public const string ContentType = "application/senml+json";

    /// <summary><c>[{"bn":"edge-a/host/","n":"cpu/temperature","u":"Cel","v":48.3,"t":1764057600.123}]</c></summary>
    /// <param name="baseName">Device and sensor, so that the name is unique in the world; see <see cref="BaseName"/>.</param>
    public static byte[] Write(string baseName, in SensorReading reading)
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        writer.WriteStartObject();
        writer.WriteString("bn"u8, baseName);
        writer.WriteString("n"u8, Name(reading.Metric));
        writer.WriteString("u"u8, reading.Unit);
        writer.WriteNumber("v"u8, reading.Value);
        writer.WriteNumber("t"u8, reading.TimestampMs / 1000m); // decimal: seconds with exactly three places, no rounding of a double
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static string BaseName(string device, string sensor) => Name($"{device}/{sensor}/");

    /// <summary>Section 4.5.1: letters, digits and <c>- : . / _</c>, beginning with a letter or a digit. Anything else becomes <c>_</c>.</summary>
    internal static string Name(string text)
    {
        var name = new StringBuilder(text.Length);
        foreach (char c in text) name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or ':' or '.' or '/' or '_' ? c : '_');
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0])) name.Insert(0, 'x');
        return name.ToString();
    }
}
