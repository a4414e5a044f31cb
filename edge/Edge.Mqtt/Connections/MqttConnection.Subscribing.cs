using Edge.Log.Commit;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Sessions;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Connections;

/// <content>SUBSCRIBE and UNSUBSCRIBE.</content>
internal sealed partial class MqttConnection
{
    private (Task<CommitOutcome> Saved, byte[] Answer, List<(Subscription Subscription, bool IsNew)> Added)? _subscribed;

    private PacketFault Subscribe(ReadOnlySpan<byte> body, bool isUnsubscribe)
    {
        SubscribePacket? packet = SubscribePacket.TryParse(body, isUnsubscribe, _v5, _broker.Options.MaxTopicBytes, _broker.Options.MaxTopicLevels, out PacketFault fault);
        if (packet is null) return fault;
        byte[] codes = new byte[packet.Filters.Count];
        List<(Subscription Subscription, bool IsNew)> added = [];
        for (int i = 0; i < codes.Length; i++)
            codes[i] = isUnsubscribe ? (byte)Unsubscribe(packet.Filters[i].Text) : Subscribe(packet.Filters[i], packet.SubscriptionIdentifier, added);
        byte[] answer = PacketWriter.SubscriptionAck(isUnsubscribe ? PacketType.UnsubAck : PacketType.SubAck, packet.PacketId, _v5, codes);
        if (!_session!.IsDurable)
        {
            Answer(answer, added);
            return PacketFault.None;
        }
        _subscribed = (_session.Save(isConnected: true), answer, added);
        return PacketFault.None;
    }

    /// <summary>A SUBACK means that the subscription survives the broker.</summary>
    private async ValueTask FinishSubscribeAsync()
    {
        (Task<CommitOutcome> saved, byte[] answer, List<(Subscription, bool)> added) = _subscribed!.Value;
        _subscribed = null;
        CommitOutcome outcome = await saved.ConfigureAwait(false);
        if (outcome.IsDurable) Answer(answer, added);
        else Close(outcome.Status == AppendStatus.LogFull ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError);
    }

    private void Answer(byte[] answer, List<(Subscription Subscription, bool IsNew)> added)
    {
        Output.Write(answer);
        foreach ((Subscription subscription, bool isNew) in added)
        {
            FilterRequest request = subscription.Request;
            if (request.ReplayFrom is not null)
            {
                _ = Replay.TryParseFrom(request.ReplayFrom, _broker.NowMs(), out long fromMs);
                _session!.AddReplay(subscription, new Replay(_broker, _session, this, subscription, fromMs));
                continue;
            }
            if (request.Group is not null || request.RetainHandling == 2 || (request.RetainHandling == 1 && !isNew)) continue;
            _session!.DeliverRetained(_broker.RetainedFor(request.Filter, _session), subscription, _broker.NowMs());
        }
    }

    private byte Subscribe(in FilterRequest request, int identifier, List<(Subscription Subscription, bool IsNew)> added)
    {
        if (!_broker.Access.MaySubscribe(_connect!.UserName ?? "", _connect.ClientId, request.Filter))
        {
            _broker.Statistics.AddDenied();
            return (byte)(_v5 ? ReasonCode.NotAuthorized : ReasonCode.UnspecifiedError);
        }
        if (request.ReplayFrom is { } from)
        {
            if (!Replay.TryParseFrom(from, _broker.NowMs(), out _)) return (byte)(_v5 ? ReasonCode.TopicFilterInvalid : ReasonCode.UnspecifiedError);
            if (added.Count(static a => a.Subscription.IsReplay) + _session!.ReplayCount >= _broker.Options.MaxReplays) return (byte)(_v5 ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError);
            added.Add((new Subscription(_session, request, identifier, 0), true));
            return request.Qos;
        }
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
            if (subscription.IsReplay) _session.EndReplayLocked(filter);
            else _broker.Trie.Remove(subscription);
        }
        _broker.Statistics.SetSubscriptions(_broker.Trie.Count);
        return ReasonCode.Success;
    }
}
