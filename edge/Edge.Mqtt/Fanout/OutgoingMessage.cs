using System.Buffers.Text;
using Edge.Log.Records;
using Edge.Mqtt.Retained;

namespace Edge.Mqtt.Fanout;

/// <summary>A record on its way to subscribers. The spans point into the journal's batch or the retained message.</summary>
internal ref struct OutgoingMessage
{
    public ReadOnlySpan<byte> Topic, Payload, EncodedHeaders, Client;
    public int HeaderCount;
    public byte Qos;
    public bool IsBornInMqtt, WasRetained, HasProperties;
    public long ExpiryMs; // 0: never
    public long Sequence;
    public long TimestampMs; // of the record
    public int RecordIndex;
    public RetainedMessage? Retained;

    /// <summary>Reads what delivery needs out of a record's headers. <see cref="Topic"/> is left empty when neither a header nor the key names it.</summary>
    public static OutgoingMessage FromRecord(scoped in RecordView record, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<byte> headers)
    {
        OutgoingMessage message = new() { Payload = value, EncodedHeaders = headers, HeaderCount = record.HeaderCount };
        message.ReadHeaders();
        if (message.Topic.IsEmpty && message.IsBornInMqtt) message.Topic = key;
        return message;
    }

    public static OutgoingMessage FromRetained(RetainedMessage retained)
    {
        OutgoingMessage message = new()
        {
            Payload = retained.Payload, EncodedHeaders = retained.Headers, HeaderCount = retained.HeaderCount, Retained = retained,
        };
        message.ReadHeaders();
        message.Topic = retained.Topic;
        message.Qos = retained.Qos;
        return message;
    }

    private void ReadHeaders()
    {
        RecordHeaderEnumerator headers = new(EncodedHeaders, HeaderCount);
        while (headers.MoveNext())
        {
            ReadOnlySpan<byte> name = headers.Current.Name, value = headers.Current.Value;
            if (!name.StartsWith("mqtt."u8))
            {
                HasProperties |= name.SequenceEqual(RecordHeaderNames.ContentType);
                continue;
            }
            if (name.SequenceEqual(RecordHeaderNames.Qos))
            {
                IsBornInMqtt = true;
                if (value.Length == 1 && value[0] is >= (byte)'0' and <= (byte)'2') Qos = (byte)(value[0] - '0');
            }
            else if (name.SequenceEqual(RecordHeaderNames.Client)) Client = value;
            else if (name.SequenceEqual(RecordHeaderNames.User)) continue;
            else if (name.SequenceEqual(RecordHeaderNames.Topic)) Topic = value;
            else if (name.SequenceEqual(RecordHeaderNames.Retained)) WasRetained = true;
            else
            {
                HasProperties = true;
                if (name.SequenceEqual(RecordHeaderNames.Expiry) && Utf8Parser.TryParse(value, out long expiry, out _)) ExpiryMs = expiry;
            }
        }
    }
}
