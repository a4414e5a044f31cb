using Edge.Mqtt.Connections;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Sessions;

/// <summary>What the broker keeps of one client id: subscriptions, unreleased QoS 2 ids, what is under way, and its position in the journal.</summary>
/// <remarks>
/// A session has no queue of messages. While it keeps up it is served live by the fan-out worker; the first message of QoS 1 or 2 it cannot take marks its
/// position, and a pump of its own reads the journal from there until it has caught up. <see cref="Gate"/> guards everything but <see cref="Received"/>.
/// </remarks>
/// <param name="isDurable">It outlives its connection, and so the process: see <see cref="SessionStore"/>.</param>
internal sealed partial class MqttSession(string clientId, MqttBroker broker, bool isDurable)
{
    private readonly MqttBroker _broker = broker;

    public Lock Gate { get; } = new();
    public string ClientId { get; } = clientId;
    public byte[] ClientIdUtf8 { get; } = System.Text.Encoding.UTF8.GetBytes(clientId);
    public bool IsDurable { get; } = isDurable;

    /// <summary>Null while the client is away.</summary>
    public MqttConnection? Connection { get; private set; }

    public uint ExpirySeconds { get; set; }

    /// <summary>Whose session it is; empty: anonymous.</summary>
    public string User { get; set; } = "";

    /// <summary>Monotonic time of the end of the last connection.</summary>
    public long AwaySince { get; private set; }

    public Dictionary<string, Subscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>QoS 2 publishes received and not released, by packet id. Locked by itself.</summary>
    public ReceivedIds Received { get; } = new(clientId, isDurable ? broker.Store : null);

    /// <summary>A will that waits for its delay, and the monotonic time it is due.</summary>
    public (StoredWill Will, long DueAt)? DelayedWill { get; set; }

    public bool IsEnded { get; private set; }

    /// <summary>Binds the session to a new connection. The old one is gone by then.</summary>
    public void Attach(MqttConnection connection)
    {
        lock (Gate)
        {
            Connection = connection;
            if (DelayedWill is { } will) _broker.Store.Remove(will.Will.Key);
            DelayedWill = null;
            _resending = _inFlight.Count > 0;
            if (_resending || _behind || _pendingRetained.Count > 0) StartPumpLocked();
        }
    }

    /// <summary>The connection ended. Returns false when another one has taken its place.</summary>
    public bool Detach(MqttConnection connection, long now)
    {
        lock (Gate)
        {
            if (Connection != connection) return false;
            Connection = null;
            AwaySince = now;
            EndReplaysLocked();
            SignalRoomLocked();
            if (IsDurable && ExpirySeconds > 0)
            {
                SaveLocked(isConnected: false);
                if (Subscriptions.Count > 0 || _inFlight.Count > 0 || _hasSavedDelivery) SaveDeliveryLocked();
            }
            return true;
        }
    }

    /// <returns>True when there were some.</returns>
    public bool DropSubscriptions(Predicate<FilterRequest> isLost)
    {
        lock (Gate)
        {
            Subscription[] lost = [.. Subscriptions.Values.Where(subscription => isLost(subscription.Request))];
            foreach (Subscription subscription in lost)
            {
                Subscriptions.Remove(subscription.Request.Text);
                if (subscription.IsReplay) EndReplayLocked(subscription.Request.Text);
                else _broker.Trie.Remove(subscription);
            }
            return lost.Length > 0;
        }
    }

    /// <summary>Forgets everything; subscriptions leave the trie.</summary>
    public void End(SubscriptionTrie trie)
    {
        lock (Gate)
        {
            IsEnded = true;
            foreach (Subscription subscription in Subscriptions.Values) trie.Remove(subscription);
            Subscriptions.Clear();
            _inFlight.Clear();
            _pendingRetained.Clear();
            EndReplaysLocked();
            SignalRoomLocked();
            if (!IsDurable) return;
            _broker.Store.Remove('s' + ClientId);
            if (_hasSavedDelivery) _broker.Store.Remove('p' + ClientId);
        }
        Received.End();
    }
}
