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
        // A publisher that has lost its right speaks no more through what it left behind. Source of the case: CVE-2018-12546.
        if (!Access.IsOpen) found.RemoveAll(message => !MayStillPublish(message));
        if (filter.StartsWith("$SYS/", StringComparison.Ordinal))
            found.AddRange(SystemMessages().Append(System("broker/session/overrun", Text(session.Overrun))).Where(message => SubscriptionTrie.Matches(filter, message.TopicText)));
        return found;
    }

    private bool MayStillPublish(RetainedMessage message)
    {
        string user = "", client = "";
        bool isBornInMqtt = false;
        RecordHeaderEnumerator headers = new(message.Headers, message.HeaderCount);
        while (headers.MoveNext())
        {
            isBornInMqtt |= headers.Current.Name.SequenceEqual(RecordHeaderNames.Qos);
            if (headers.Current.Name.SequenceEqual(RecordHeaderNames.User)) user = Encoding.UTF8.GetString(headers.Current.Value);
            else if (headers.Current.Name.SequenceEqual(RecordHeaderNames.Client)) client = Encoding.UTF8.GetString(headers.Current.Value);
        }
        return !isBornInMqtt || Access.MayPublish(user, client, message.TopicText);
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
