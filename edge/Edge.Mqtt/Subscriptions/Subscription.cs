using Edge.Mqtt.Protocol;
using Edge.Mqtt.Sessions;

namespace Edge.Mqtt.Subscriptions;

/// <summary>One topic filter of one session.</summary>
/// <param name="StartSequence">Ingest sequence from which on records count; what is older was there before the subscription.</param>
internal sealed record Subscription(MqttSession Session, FilterRequest Request, int Identifier, long StartSequence)
{
    /// <summary>Served by a <see cref="Replay"/> of its own and never in the trie.</summary>
    public bool IsReplay => Request.ReplayFrom is not null;
}
