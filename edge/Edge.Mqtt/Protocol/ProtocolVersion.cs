namespace Edge.Mqtt.Protocol;

/// <summary>Protocol level of a CONNECT. MQTT 3.1 differs from 3.1.1 in the handshake only.</summary>
internal enum ProtocolVersion : byte
{
    Mqtt31 = 3,
    Mqtt311 = 4,
    Mqtt5 = 5,
}
