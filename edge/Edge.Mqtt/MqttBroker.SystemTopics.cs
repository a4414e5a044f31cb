using System.Globalization;
using System.Text;
using Edge.Log.Records;
using Edge.Mqtt.Connections;
using Edge.Mqtt.Fanout;
using Edge.Mqtt.Retained;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt;

/// <content><c>$SYS</c>: the broker's own figures, to whoever subscribes. They are not stored in the journal.</content>
public sealed partial class MqttBroker
{
    /// <summary>Retained messages for a new subscription.</summary>
    internal List<RetainedMessage> RetainedFor(string filter, Sessions.MqttSession session)
    {
        List<RetainedMessage> found = Retained.Match(filter);
        if (filter.StartsWith("$SYS/", StringComparison.Ordinal))
            found.AddRange(SystemMessages().Append(System("broker/session/overrun", Text(session.Overrun))).Where(message => SubscriptionTrie.Matches(filter, message.TopicText)));
        return found;
    }

    /// <summary>Every 10 s, QoS 0.</summary>
    private void PublishSystemTopics()
    {
        if (Trie.Count == 0) return;
        long nowMs = NowMs();
        foreach (RetainedMessage system in SystemMessages())
        {
            MatchSet match = Trie.Match(system.TopicText);
            if (match.IsEmpty) continue;
            OutgoingMessage message = OutgoingMessage.FromRetained(system);
            message.Sequence = long.MaxValue;
            foreach ((Sessions.MqttSession session, Subscription[] subscriptions) in match.Sessions)
            {
                MqttConnection? connection = session.DeliverLive(message, subscriptions, nowMs);
                connection?.Output.Flush();
            }
        }
    }

    private List<RetainedMessage> SystemMessages()
    {
        long seconds = (long)TimeProvider.GetElapsedTime(StartedAt).TotalSeconds;
        return
        [
            System("broker/version", "edge " + (typeof(MqttBroker).Assembly.GetName().Version?.ToString(3) ?? "0")),
            System("broker/uptime", string.Create(CultureInfo.InvariantCulture, $"{seconds} seconds")),
            System("broker/clients/connected", Text(Statistics.Connections)),
            System("broker/clients/total", Text(Statistics.Sessions)),
            System("broker/subscriptions/count", Text(Statistics.Subscriptions)),
            System("broker/retained messages/count", Text(Retained.Count)),
            System("broker/messages/received", Text(Statistics.MessagesReceived)),
            System("broker/messages/sent", Text(Statistics.MessagesSent)),
            System("broker/messages/dropped", Text(Statistics.MessagesDropped)),
            System("broker/bytes/received", Text(Statistics.BytesReceived)),
        ];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static RetainedMessage System(string name, string value)
    {
        string topic = "$SYS/" + name;
        return new RetainedMessage(topic, Encoding.UTF8.GetBytes(topic), 0, 0, 0, RecordHeaders.Encode([]), Encoding.UTF8.GetBytes(value));
    }
}
