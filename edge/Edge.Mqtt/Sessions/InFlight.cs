using Edge.Mqtt.Retained;

namespace Edge.Mqtt.Sessions;

internal enum InFlightState : byte { AwaitsPubAck, AwaitsPubRec, AwaitsPubComp }

/// <summary>A message of QoS 1 or 2 under way to a subscriber: where it can be read again, not a copy of it.</summary>
/// <param name="Order">Rises with each delivery; redelivery keeps it.</param>
/// <param name="RetainedTopic">Topic of a retained message that an earlier boot sent.</param>
/// <param name="ReplayPrefix">What a replay puts in front of the topic.</param>
internal readonly record struct InFlight(
    ushort PacketId, long Order, InFlightState State, byte Qos, bool Retain, long Sequence, int RecordIndex, RetainedMessage? Retained, int[] Identifiers,
    string? RetainedTopic = null, string? ReplayPrefix = null);
