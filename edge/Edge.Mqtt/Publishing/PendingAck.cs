using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Publishing;

/// <summary>An acknowledgement that waits for its commit group. 16 bytes.</summary>
internal readonly record struct PendingAck(long Group, ushort PacketId, PacketType Type, ReasonCode Reason);
