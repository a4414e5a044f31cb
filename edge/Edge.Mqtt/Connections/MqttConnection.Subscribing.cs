using Edge.Mqtt.Protocol;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Connections;

/// <content>SUBSCRIBE and UNSUBSCRIBE.</content>
internal sealed partial class MqttConnection
{
    private PacketFault Subscribe(ReadOnlySpan<byte> body, bool isUnsubscribe)
    {
        SubscribePacket? packet = SubscribePacket.TryParse(body, isUnsubscribe, _v5, _broker.Options.MaxTopicBytes, _broker.Options.MaxTopicLevels, out PacketFault fault);
        if (packet is null) return fault;
        byte[] codes = new byte[packet.Filters.Count];
        if (isUnsubscribe)
        {
            for (int i = 0; i < codes.Length; i++) codes[i] = (byte)Unsubscribe(packet.Filters[i].Text);
            Output.Write(PacketWriter.SubscriptionAck(PacketType.UnsubAck, packet.PacketId, _v5, codes));
            return PacketFault.None;
        }
        List<(Subscription Subscription, bool IsNew)> added = [];
        for (int i = 0; i < codes.Length; i++) codes[i] = Subscribe(packet.Filters[i], packet.SubscriptionIdentifier, added);
        Output.Write(PacketWriter.SubscriptionAck(PacketType.SubAck, packet.PacketId, _v5, codes));
        foreach ((Subscription subscription, bool isNew) in added)
        {
            FilterRequest request = subscription.Request;
            if (request.Group is not null || request.RetainHandling == 2 || (request.RetainHandling == 1 && !isNew)) continue;
            _session!.DeliverRetained(_broker.RetainedFor(request.Filter), subscription, _broker.NowMs());
        }
        return PacketFault.None;
    }

    private byte Subscribe(in FilterRequest request, int identifier, List<(Subscription Subscription, bool IsNew)> added)
    {
        _broker.EnterSubscribe();
        try
        {
            lock (_session!.Gate)
            {
                bool isKnown = _session.Subscriptions.TryGetValue(request.Text, out Subscription? old);
                if (!isKnown && _session.Subscriptions.Count >= _broker.Options.MaxSubscriptions)
                    return _v5 ? (byte)ReasonCode.QuotaExceeded : (byte)ReasonCode.UnspecifiedError;
                long start = _broker.Fanout.Follow();
                // A subscription that is renewed goes on where it was: nothing in between is lost.
                Subscription subscription = new(_session, request, identifier, old is null ? start : Math.Min(old.StartSequence, start));
                _session.Subscriptions[request.Text] = subscription;
                _broker.Trie.Add(subscription, old);
                added.Add((subscription, !isKnown));
            }
            _broker.Statistics.SetSubscriptions(_broker.Trie.Count);
            return request.Qos;
        }
        finally { _broker.LeaveSubscribe(); }
    }

    private ReasonCode Unsubscribe(string filter)
    {
        lock (_session!.Gate)
        {
            if (!_session.Subscriptions.Remove(filter, out Subscription? subscription)) return ReasonCode.NoSubscriptionExisted;
            _broker.Trie.Remove(subscription);
        }
        _broker.Statistics.SetSubscriptions(_broker.Trie.Count);
        return ReasonCode.Success;
    }
}
