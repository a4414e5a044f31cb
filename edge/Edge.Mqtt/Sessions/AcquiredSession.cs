using Edge.Log.Commit;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Sessions;

/// <summary>What a CONNECT got.</summary>
/// <param name="Session">Null: refused for <paramref name="Refusal"/>.</param>
/// <param name="Present">The session was there before.</param>
/// <param name="Saved">What the client may only be told when it is durable; null when nothing is.</param>
internal readonly record struct AcquiredSession(MqttSession? Session, bool Present, Task<CommitOutcome>? Saved, ReasonCode Refusal = ReasonCode.Success);
