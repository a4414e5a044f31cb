namespace Edge.Mqtt.Protocol;

/// <summary>What is wrong with a packet; the value is the MQTT 5 reason code.</summary>
internal enum PacketFault : byte
{
    None = 0,
    Malformed = ReasonCode.MalformedPacket,
    ProtocolError = ReasonCode.ProtocolError,
    TopicFilterInvalid = ReasonCode.TopicFilterInvalid,
    TopicNameInvalid = ReasonCode.TopicNameInvalid,
    TopicAliasInvalid = ReasonCode.TopicAliasInvalid,
    ReceiveMaximumExceeded = ReasonCode.ReceiveMaximumExceeded,
    PacketTooLarge = ReasonCode.PacketTooLarge,
}
