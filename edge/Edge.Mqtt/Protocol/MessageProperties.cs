namespace Edge.Mqtt.Protocol;

/// <summary>The properties that belong to a message (of a PUBLISH or a will) and travel with its record.</summary>
internal ref struct MessageProperties
{
    /// <summary>The raw property section without its length, for a second walk over the user properties; empty when there are none.</summary>
    public ReadOnlySpan<byte> Section;
    public ReadOnlySpan<byte> ContentType, ResponseTopic, CorrelationData;
    public bool HasContentType, HasResponseTopic, HasCorrelation, HasFormat, HasExpiry;
    public byte Format;
    public uint ExpirySeconds, DelaySeconds;
    public ushort TopicAlias;
    public bool HasTopicAlias;
    public int UserProperties;

    /// <summary>True when nothing of it has to be kept with the record.</summary>
    public readonly bool IsPlain => !(HasContentType || HasResponseTopic || HasCorrelation || HasFormat || HasExpiry) && UserProperties == 0;

    public static PacketFault TryTake(scoped ref BodyReader body, ulong allowed, out MessageProperties properties)
    {
        properties = default;
        ReadOnlySpan<byte> before = body.Left;
        if (!PropertyReader.TryOpen(ref body, allowed, out PropertyReader reader)) return PacketFault.Malformed;
        int prefix = VariableInteger.Read(before, out int length);
        properties.Section = before.Slice(prefix, length);
        while (reader.MoveNext())
        {
            switch (reader.Id)
            {
                case PropertyId.PayloadFormatIndicator: properties.Format = (byte)reader.Number; properties.HasFormat = true; break;
                case PropertyId.MessageExpiryInterval: properties.ExpirySeconds = reader.Number; properties.HasExpiry = true; break;
                case PropertyId.WillDelayInterval: properties.DelaySeconds = reader.Number; break;
                case PropertyId.ContentType: properties.ContentType = reader.Bytes; properties.HasContentType = true; break;
                case PropertyId.CorrelationData: properties.CorrelationData = reader.Bytes; properties.HasCorrelation = true; break;
                case PropertyId.TopicAlias: properties.TopicAlias = (ushort)reader.Number; properties.HasTopicAlias = true; break;
                case PropertyId.UserProperty: properties.UserProperties++; break;
                case PropertyId.ResponseTopic:
                    if (reader.Bytes.ContainsAny((byte)'+', (byte)'#')) return PacketFault.ProtocolError;
                    properties.ResponseTopic = reader.Bytes;
                    properties.HasResponseTopic = true;
                    break;
            }
        }
        return reader.Fault;
    }
}
