using System.Text;
using System.Text.Json;
using Edge.Ingest;
using Edge.Log.Records;

namespace Edge.Http.Records;

/// <summary>Reads records a client posts.</summary>
/// <remarks><c>{"key", "value", "headers": {}, "timestamp"}</c>, an array of them, or <c>{"records": [...]}</c>. Key, value and headers are text, <c>{"base64"}</c> or null.</remarks>
internal static class RecordInput
{
    public const int MaxRecords = 10_000;

    public static List<IngestRecord> Parse(ReadOnlyMemory<byte> body, bool isLines, string topic, string source)
    {
        var records = new List<IngestRecord>();
        if (!isLines)
        {
            using JsonDocument document = ParseJson(body, "The body");
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("records", out JsonElement list)) root = list;
            if (root.ValueKind != JsonValueKind.Array) records.Add(Record(root, topic, source, "The record"));
            else foreach (JsonElement item in root.EnumerateArray()) Add(item);
        }
        else
        {
            int line = 0;
            while (body.Length > 0)
            {
                int end = body.Span.IndexOf((byte)'\n');
                ReadOnlyMemory<byte> text = end < 0 ? body : body[..end];
                body = end < 0 ? default : body[(end + 1)..];
                line++;
                if (text.Span.Trim("\r \t"u8).IsEmpty) continue;
                using JsonDocument document = ParseJson(text, $"Line {line}");
                Add(document.RootElement);
            }
        }
        return records.Count > 0 ? records : throw ProblemException.BadRequest("There is no record in the body.");

        void Add(JsonElement item)
        {
            if (records.Count == MaxRecords) throw new ProblemException(413, "Too many records", $"A request takes at most {MaxRecords} records.");
            records.Add(Record(item, topic, source, $"Record {records.Count}"));
        }
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> text, string what)
    {
        try { return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 }); }
        catch (JsonException e) { throw ProblemException.BadRequest($"{what} is not JSON, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}."); }
    }

    private static IngestRecord Record(JsonElement item, string topic, string source, string what)
    {
        if (item.ValueKind != JsonValueKind.Object) throw ProblemException.BadRequest($"{what} is not a JSON object.");
        byte[]? key = null, value = null;
        var headers = new List<RecordHeader>();
        long? timestamp = null;
        foreach (JsonProperty property in item.EnumerateObject())
        {
            switch (property.Name)
            {
                case "key": key = Bytes(property.Value, $"{what}: key"); break;
                case "value": value = Bytes(property.Value, $"{what}: value"); break;
                case "timestamp": timestamp = Timestamp(property.Value, what); break;
                case "headers" when property.Value.ValueKind == JsonValueKind.Object:
                    foreach (JsonProperty header in property.Value.EnumerateObject()) headers.Add(new(header.Name, Bytes(header.Value, $"{what}: header {header.Name}")));
                    break;
                case "headers" when property.Value.ValueKind == JsonValueKind.Null: break;
                case "headers": throw ProblemException.BadRequest($"{what}: headers is not a JSON object.");
                default: throw ProblemException.BadRequest($"{what}: '{property.Name}' is not known; use key, value, headers, timestamp.");
            }
        }
        return new IngestRecord { Topic = topic, Key = key, Value = value, Headers = headers, TimestampMs = timestamp, Source = source };
    }

    private static byte[]? Bytes(JsonElement given, string what)
    {
        switch (given.ValueKind)
        {
            case JsonValueKind.Null: return null;
            case JsonValueKind.String: return Encoding.UTF8.GetBytes(given.GetString()!);
            case JsonValueKind.Object when given.TryGetProperty("base64", out JsonElement base64) && base64.ValueKind == JsonValueKind.String && base64.TryGetBytesFromBase64(out byte[]? bytes):
                return bytes;
            default: throw ProblemException.BadRequest($"{what} is {Shortened(given.GetRawText())}; use text, {{\"base64\": \"…\"}} or null.");
        }
    }

    private static long Timestamp(JsonElement given, string what)
    {
        if (given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out long ms) && ms >= 0) return ms;
        if (given.ValueKind == JsonValueKind.String && given.TryGetDateTimeOffset(out DateTimeOffset time)) return time.ToUnixTimeMilliseconds();
        throw ProblemException.BadRequest($"{what}: timestamp is {Shortened(given.GetRawText())}; use ISO 8601, or milliseconds since 1970.");
    }

    private static string Shortened(string text) => text.Length > 100 ? text[..100] + "…" : text;
}
