using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Edge.Ingest.Routing;

namespace Edge.Ingest.Payloads;

/// <summary>A JSON payload of which a field is the record's timestamp, or its value, or both (<c>payload: json</c>).</summary>
/// <param name="timestamp">Null: now. Seconds or milliseconds since 1970, or ISO 8601.</param>
/// <param name="value">Null: the whole payload. A string is stored without its quotes, anything else as it is written.</param>
internal sealed class JsonFormat(JsonPath? timestamp, JsonPath? value) : PayloadFormat
{
    // Seconds reach it in the year 5138, milliseconds passed it in 1973.
    private const double FirstMilliseconds = 1e11;

    public override bool NamesKeys => false;

    public override string? TrySplit(string mqttTopic, ReadOnlySpan<byte> payload, long nowMs, List<PayloadRecord> records)
    {
        byte[] bytes = payload.ToArray();
        ReadOnlySequence<byte> json = new(bytes);
        if (!IsJson(bytes)) return "not JSON";
        long? timestampMs = null;
        if (timestamp is not null)
        {
            StringBuilder text = new();
            if (!timestamp.TryAppend(json, text)) return "no timestamp field";
            if (!TryParseTime(text.ToString(), out long ms)) return "the timestamp field is no time";
            timestampMs = ms;
        }
        byte[] result = bytes;
        if (value is not null && !value.TryRead(json, out result)) return "no value field";
        records.Add(new PayloadRecord(null, timestampMs, result));
        return null;
    }

    internal static bool TryParseTime(string text, out long timestampMs)
    {
        timestampMs = 0;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            if (!double.IsFinite(number) || number < 0) return false;
            double ms = number < FirstMilliseconds ? number * 1000 : number;
            if (ms > 253_402_300_799_999) return false; // the year 9999
            timestampMs = (long)Math.Round(ms);
            return true;
        }
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)) return false;
        timestampMs = time.ToUnixTimeMilliseconds();
        return timestampMs >= 0;
    }

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        Utf8JsonReader reader = new(bytes);
        try
        {
            while (reader.Read()) { }
            return reader.BytesConsumed > 0;
        }
        catch (JsonException) { return false; }
    }
}
