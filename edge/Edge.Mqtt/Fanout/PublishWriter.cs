using System.Buffers.Binary;
using Edge.Log.Records;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Fanout;

/// <summary>Writes the PUBLISH of one message to one subscriber.</summary>
internal readonly ref struct PublishWriter
{
    private readonly OutgoingMessage _message;
    private readonly ReadOnlySpan<int> _identifiers;
    private readonly ReadOnlySpan<byte> _topic;
    private readonly int _alias;
    private readonly byte _qos;
    private readonly bool _v5;
    private readonly long _nowMs;
    private readonly int _propertyBytes, _bodyBytes;

    /// <param name="alias">Topic alias, 0: none. With <paramref name="isAliasKnown"/> it stands for the topic, else it is introduced.</param>
    public PublishWriter(scoped in OutgoingMessage message, byte qos, bool v5, ReadOnlySpan<int> identifiers, long nowMs, int alias = 0, bool isAliasKnown = false)
    {
        _message = message;
        _alias = alias;
        _topic = isAliasKnown ? [] : message.Topic;
        _identifiers = identifiers;
        _qos = qos;
        _v5 = v5;
        _nowMs = nowMs;
        _propertyBytes = v5 ? PropertyBytes() : 0;
        _bodyBytes = 2 + _topic.Length + (qos > 0 ? 2 : 0) + (v5 ? VariableInteger.SizeOf(_propertyBytes) + _propertyBytes : 0) + message.Payload.Length;
    }

    public int SizeBytes => 1 + VariableInteger.SizeOf(_bodyBytes) + _bodyBytes;

    public void Write(Span<byte> destination, ushort packetId, bool dup, bool retain)
    {
        destination[0] = (byte)((int)PacketType.Publish << 4 | (dup ? 8 : 0) | _qos << 1 | (retain ? 1 : 0));
        int at = 1 + VariableInteger.Write(destination[1..], _bodyBytes);
        at += PacketWriter.Text(destination[at..], _topic);
        if (_qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], packetId);
            at += 2;
        }
        if (_v5)
        {
            at += VariableInteger.Write(destination[at..], _propertyBytes);
            at += WriteProperties(destination[at..]);
        }
        _message.Payload.CopyTo(destination[at..]);
    }

    private int PropertyBytes()
    {
        int bytes = _alias > 0 ? 3 : 0;
        foreach (int identifier in _identifiers) bytes += 1 + VariableInteger.SizeOf(identifier);
        if (!_message.HasProperties) return bytes;
        RecordHeaderEnumerator headers = new(_message.EncodedHeaders, _message.HeaderCount);
        while (headers.MoveNext())
        {
            ReadOnlySpan<byte> name = headers.Current.Name;
            int value = headers.Current.Value.Length;
            if (value > ushort.MaxValue) continue;
            if (name.SequenceEqual(RecordHeaderNames.ContentType) || name.SequenceEqual(RecordHeaderNames.ResponseTopic)
                || name.SequenceEqual(RecordHeaderNames.Correlation)) bytes += 3 + value;
            else if (name.SequenceEqual(RecordHeaderNames.Format)) bytes += 2;
            else if (name.SequenceEqual(RecordHeaderNames.Expiry)) bytes += 5;
            else if (name.StartsWith(RecordHeaderNames.PropertyPrefix)) bytes += 5 + name.Length - RecordHeaderNames.PropertyPrefix.Length + value;
        }
        return bytes;
    }

    private int WriteProperties(Span<byte> destination)
    {
        int at = 0;
        if (_alias > 0)
        {
            destination[at] = (byte)PropertyId.TopicAlias;
            BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 1)..], (ushort)_alias);
            at += 3;
        }
        if (_message.HasProperties)
        {
            RecordHeaderEnumerator headers = new(_message.EncodedHeaders, _message.HeaderCount);
            while (headers.MoveNext())
            {
                ReadOnlySpan<byte> name = headers.Current.Name, value = headers.Current.Value;
                if (value.Length > ushort.MaxValue) continue;
                if (name.SequenceEqual(RecordHeaderNames.ContentType)) at += Bytes(destination[at..], PropertyId.ContentType, value);
                else if (name.SequenceEqual(RecordHeaderNames.ResponseTopic)) at += Bytes(destination[at..], PropertyId.ResponseTopic, value);
                else if (name.SequenceEqual(RecordHeaderNames.Correlation)) at += Bytes(destination[at..], PropertyId.CorrelationData, value);
                else if (name.SequenceEqual(RecordHeaderNames.Format))
                {
                    destination[at++] = (byte)PropertyId.PayloadFormatIndicator;
                    destination[at++] = (byte)(value.SequenceEqual("1"u8) ? 1 : 0);
                }
                else if (name.SequenceEqual(RecordHeaderNames.Expiry))
                {
                    destination[at++] = (byte)PropertyId.MessageExpiryInterval;
                    // What is left, rounded up: a message sent on at once keeps the number it came with.
                    BinaryPrimitives.WriteUInt32BigEndian(destination[at..], (uint)Math.Clamp((_message.ExpiryMs - _nowMs + 999) / 1000, 0, uint.MaxValue));
                    at += 4;
                }
                else if (name.StartsWith(RecordHeaderNames.PropertyPrefix))
                {
                    destination[at++] = (byte)PropertyId.UserProperty;
                    at += PacketWriter.Text(destination[at..], name[RecordHeaderNames.PropertyPrefix.Length..]);
                    at += PacketWriter.Text(destination[at..], value);
                }
            }
        }
        foreach (int identifier in _identifiers)
        {
            destination[at++] = (byte)PropertyId.SubscriptionIdentifier;
            at += VariableInteger.Write(destination[at..], identifier);
        }
        return at;
    }

    private static int Bytes(Span<byte> destination, PropertyId id, ReadOnlySpan<byte> value)
    {
        destination[0] = (byte)id;
        return 1 + PacketWriter.Text(destination[1..], value);
    }
}
