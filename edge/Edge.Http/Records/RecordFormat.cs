using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Edge.Log.Records;

namespace Edge.Http.Records;

/// <summary>The forms a record leaves in: JSON (also one a line) and CSV.</summary>
internal static class RecordFormat
{
    public const string CsvHead = "topic,partition,offset,timestamp,key,value\r\n";

    /// <summary><c>{"topic","partition","offset","timestamp","key","value","headers"}</c>; bytes that are not UTF-8 as <c>{"base64"}</c>.</summary>
    public static void Write(Utf8JsonWriter json, StoredRecord record)
    {
        json.WriteStartObject();
        json.WriteString("topic"u8, record.Topic);
        json.WriteNumber("partition"u8, record.Partition);
        json.WriteNumber("offset"u8, record.Offset);
        json.WriteString("timestamp"u8, Time(record.TimestampMs));
        WriteBytes(json, "key", record.Key);
        WriteBytes(json, "value", record.Value);
        json.WriteStartObject("headers"u8);
        foreach (RecordHeader header in record.Headers) WriteBytes(json, header.Name, header.Value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>RFC 4180; bytes that are not UTF-8 as <c>base64:…</c>. Headers do not fit a table.</summary>
    public static string Csv(StoredRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{Cell(record.Topic)},{record.Partition},{record.Offset},{Time(record.TimestampMs)},{Cell(Text(record.Key))},{Cell(Text(record.Value))}\r\n");

    public static string Time(long timestampMs) =>
        timestampMs is < -62_135_596_800_000 or > 253_402_300_799_999
            ? timestampMs.ToString(CultureInfo.InvariantCulture) // a producer's nonsense: shown as it is
            : DateTimeOffset.FromUnixTimeMilliseconds(timestampMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static void WriteBytes(Utf8JsonWriter json, string name, byte[]? bytes)
    {
        json.WritePropertyName(name);
        if (bytes is null) json.WriteNullValue();
        else if (Utf8.IsValid(bytes)) json.WriteStringValue(bytes);
        else
        {
            json.WriteStartObject();
            json.WriteBase64String("base64"u8, bytes);
            json.WriteEndObject();
        }
    }

    private static string Text(byte[]? bytes) => bytes is null ? "" : Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : "base64:" + Convert.ToBase64String(bytes);

    private static string Cell(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
