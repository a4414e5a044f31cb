using Edge.Mqtt.Sessions;

namespace Edge.Mqtt.Subscriptions;

/// <summary>Who gets the messages of one topic: each session once, with all its subscriptions that match, and shared groups.</summary>
internal sealed class MatchSet
{
    public static readonly MatchSet Empty = new() { Sessions = [], Groups = [] };

    public required (MqttSession Session, Subscription[] Subscriptions)[] Sessions { get; init; }
    public required SharedGroup[] Groups { get; init; }
    public bool IsEmpty => Sessions.Length == 0 && Groups.Length == 0;
}
