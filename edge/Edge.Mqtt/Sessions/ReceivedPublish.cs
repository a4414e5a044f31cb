namespace Edge.Mqtt.Sessions;

/// <summary>A QoS 2 publish that is stored and not released yet.</summary>
/// <param name="Checksum">Of topic and payload, to tell a client that loops.</param>
/// <param name="Repeats">How often the same message came again without the DUP flag.</param>
internal readonly record struct ReceivedPublish(uint Checksum, byte Repeats);
