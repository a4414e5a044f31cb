namespace Edge.Mqtt.Protocol;

/// <summary>What a client left to be published when its connection ends without a DISCONNECT.</summary>
/// <param name="Properties">MQTT 5 property section as it came, without its length.</param>
internal sealed record WillMessage(string Topic, byte[] Payload, byte Qos, bool Retain, uint DelaySeconds, byte[] Properties);
