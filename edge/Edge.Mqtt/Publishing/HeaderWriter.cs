using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Edge.Log.Records;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Publishing;

/// <summary>Encodes the headers of a record born in MQTT. CONTRACT "Records": a header is written only when there is something to say.</summary>
internal static class HeaderWriter
{
    /// <summary>The headers that are the same for every plain message of a client to a topic.</summary>
    /// <param name="mqttTopic">Null when the record's key is the MQTT topic.</param>
    public static (byte[] Encoded, int Count) Fixed(int qos, string clientId, string? userName, byte[]? mqttTopic)
    {
        List<RecordHeader> headers = [new("mqtt.qos", [(byte)('0' + qos)])]; // first: readers tell by it that the record was born in MQTT
        if (clientId.Length > 0) headers.Add(new("mqtt.client", Encoding.UTF8.GetBytes(clientId)));
        if (!string.IsNullOrEmpty(userName)) headers.Add(new("mqtt.user", Encoding.UTF8.GetBytes(userName)));
        if (mqttTopic is not null) headers.Add(new("mqtt.topic", mqttTopic));
        return (RecordHeaders.Encode(headers), headers.Count);
    }

    /// <summary>Fixed headers and what this one message adds, in a buffer rented from the shared pool.</summary>
    public static byte[] Rent(ReadOnlySpan<byte> fixedHeaders, bool retained, in MessageProperties properties, long nowMs, out int length, out int added)
    {
        // Every user property costs at most its own bytes plus the prefix and two longer lengths.
        int bound = fixedHeaders.Length + 160 + properties.Section.Length + (properties.UserProperties * (RecordHeaderNames.PropertyPrefix.Length + 8));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bound);
        fixedHeaders.CopyTo(buffer);
        int at = fixedHeaders.Length;
        added = 0;
        if (retained) Add(buffer, ref at, ref added, RecordHeaderNames.Retained, "1"u8);
        if (properties.HasExpiry)
        {
            Span<byte> text = stackalloc byte[20];
            Utf8Formatter.TryFormat(nowMs + (properties.ExpirySeconds * 1000L), text, out int digits);
            Add(buffer, ref at, ref added, RecordHeaderNames.Expiry, text[..digits]);
        }
        if (properties.HasContentType) Add(buffer, ref at, ref added, RecordHeaderNames.ContentType, properties.ContentType);
        if (properties.HasFormat) Add(buffer, ref at, ref added, RecordHeaderNames.Format, properties.Format == 0 ? "0"u8 : "1"u8);
        if (properties.HasResponseTopic) Add(buffer, ref at, ref added, RecordHeaderNames.ResponseTopic, properties.ResponseTopic);
        if (properties.HasCorrelation) Add(buffer, ref at, ref added, RecordHeaderNames.Correlation, properties.CorrelationData);
        if (properties.UserProperties > 0) AddUserProperties(buffer, ref at, ref added, properties.Section);
        length = at;
        return buffer;
    }

    private static void AddUserProperties(byte[] buffer, ref int at, ref int added, ReadOnlySpan<byte> section)
    {
        PropertyReader reader = PropertyReader.OverChecked(section);
        while (reader.MoveNext())
        {
            if (reader.Id != PropertyId.UserProperty) continue;
            Span<byte> free = buffer.AsSpan(at);
            int written = Varint.Write(free, RecordHeaderNames.PropertyPrefix.Length + reader.Bytes.Length);
            RecordHeaderNames.PropertyPrefix.CopyTo(free[written..]);
            written += RecordHeaderNames.PropertyPrefix.Length;
            reader.Bytes.CopyTo(free[written..]);
            written += reader.Bytes.Length;
            written += Varint.Write(free[written..], reader.UserValue.Length);
            reader.UserValue.CopyTo(free[written..]);
            at += written + reader.UserValue.Length;
            added++;
        }
    }

    private static void Add(byte[] buffer, ref int at, ref int added, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        at += RecordHeaders.Write(buffer.AsSpan(at), name, value);
        added++;
    }
}
