using Edge.Log.Commit;
using Edge.Mqtt.Connections;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Sessions;

/// <summary>All sessions by client id: who holds one, who takes it over, when it ends.</summary>
internal sealed class SessionTable(MqttBroker broker)
{
    private static readonly TimeSpan TakeoverLimit = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MqttSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MqttConnection> _holders = new(StringComparer.Ordinal);

    /// <summary>Takes what an earlier boot kept, before the first connection.</summary>
    /// <returns>Wills that are due: their clients were connected when the process ended and have no session that could wait.</returns>
    public List<StoredWill> Load()
    {
        List<StoredWill> due = [];
        long now = broker.Now(), nowMs = broker.NowMs();
        IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> kept = broker.Store.Table.Snapshot();
        Dictionary<string, DeliveryRecord?> deliveries = new(StringComparer.Ordinal);
        foreach ((string key, ReadOnlyMemory<byte> value) in kept)
            if (SessionStore.TryReadKey(key, out char kind, out string clientId) && kind == 'p') deliveries[clientId] = DeliveryRecord.TryDecode(value.Span);
        lock (_gate)
        {
            foreach ((string key, ReadOnlyMemory<byte> value) in kept)
            {
                if (!SessionStore.TryReadKey(key, out char kind, out string clientId) || kind != 's') continue;
                if (SessionRecord.TryDecode(value.Span) is not { ExpirySeconds: > 0 } record)
                {
                    broker.Store.Remove(key); // it was to end with its connection
                    continue;
                }
                MqttSession session = new(clientId, broker, isDurable: true);
                session.Restore(record, deliveries.GetValueOrDefault(clientId), now, nowMs);
                _sessions[clientId] = session;
                foreach (Subscription subscription in session.Subscriptions.Values) broker.Trie.Add(subscription, null);
            }
            foreach ((string key, ReadOnlyMemory<byte> value) in kept)
            {
                if (!SessionStore.TryReadKey(key, out char kind, out string clientId)) continue;
                if (kind is 'p' or 'q' && !_sessions.ContainsKey(clientId)) broker.Store.Remove(key);
                else if (kind == 'q') _sessions[clientId].Received.Restore(key, value.Span);
                else if (kind == 'w')
                {
                    if (StoredWill.TryDecode(key, value.Span) is not { } will) broker.Store.Remove(key);
                    else if (will.Will.DelaySeconds > 0 && _sessions.TryGetValue(clientId, out MqttSession? session)) Delay(session, will, now);
                    else due.Add(will);
                }
            }
        }
        broker.Statistics.SetSessions(_sessions.Count);
        broker.Statistics.SetSubscriptions(broker.Trie.Count);
        return due;
    }

    /// <summary>Gives the connection its session, after an earlier connection of the same client id was closed.</summary>
    public async Task<AcquiredSession> AcquireAsync(MqttConnection connection, ConnectPacket connect, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < 3; attempt++)
        {
            MqttConnection? holder;
            lock (_gate)
            {
                if (!_holders.TryGetValue(connect.ClientId, out holder)) return AcquireLocked(connection, connect);
                if (!broker.Access.IsOpen && IsOfAnother(connect)) return new AcquiredSession(null, false, null, ReasonCode.NotAuthorized);
            }
            broker.Statistics.AddTakeover();
            holder.Close(ReasonCode.SessionTakenOver);
            try { await holder.Finished.WaitAsync(TakeoverLimit, broker.TimeProvider, cancellationToken).ConfigureAwait(false); }
            catch (TimeoutException) { }
        }
        return new AcquiredSession(null, false, null, ReasonCode.ServerBusy);
    }

    /// <summary>The connection is over: its will is published or scheduled, the session kept or ended.</summary>
    public async Task ReleaseAsync(MqttConnection connection, MqttSession session, StoredWill? will)
    {
        bool ends = session.ExpirySeconds == 0;
        lock (_gate)
        {
            if (!_holders.TryGetValue(session.ClientId, out MqttConnection? holder) || holder != connection) return;
            session.Detach(connection, broker.Now());
            if (ends) EndLocked(session);
            else if (will is { Will.DelaySeconds: > 0 })
            {
                Delay(session, will, broker.Now());
                will = null;
            }
            _holders.Remove(session.ClientId);
        }
        broker.Statistics.SetSessions(_sessions.Count);
        if (will is not null) await broker.PublishWillAsync(will).ConfigureAwait(false);
    }

    /// <summary>Ends what has expired, publishes wills that are due, saves positions. Called once a second.</summary>
    public void Sweep(long now)
    {
        List<StoredWill> due = [];
        List<MqttSession> connected = [];
        lock (_gate)
        {
            foreach (MqttSession session in _sessions.Values.ToArray())
            {
                if (_holders.ContainsKey(session.ClientId))
                {
                    connected.Add(session);
                    continue;
                }
                bool expired = session.ExpirySeconds != uint.MaxValue
                    && broker.TimeProvider.GetElapsedTime(session.AwaySince, now) >= TimeSpan.FromSeconds(session.ExpirySeconds);
                if (session.DelayedWill is { } will && !expired && will.DueAt <= now)
                {
                    due.Add(will.Will);
                    session.DelayedWill = null;
                }
                if (!expired) continue;
                broker.Statistics.AddSessionExpired();
                EndLocked(session);
            }
        }
        broker.Statistics.SetSessions(_sessions.Count);
        foreach (StoredWill will in due) broker.Track(broker.PublishWillAsync(will));
        foreach (MqttSession session in connected) session.SaveLazily(now, broker.Options.SessionSaveInterval);
    }

    /// <summary>Rights have changed: what is no longer allowed ends. Source of the case: CVE-2021-34434.</summary>
    public void Recheck()
    {
        lock (_gate)
        {
            foreach (MqttSession session in _sessions.Values.ToArray())
            {
                if (!broker.Access.Exists(session.User))
                {
                    if (_holders.TryGetValue(session.ClientId, out MqttConnection? holder)) holder.Close(ReasonCode.NotAuthorized);
                    else EndLocked(session);
                }
                else if (session.DropSubscriptions(request => !broker.Access.MaySubscribe(session.User, session.ClientId, request.Filter)) && session.IsDurable)
                    _ = session.Save(_holders.ContainsKey(session.ClientId));
            }
        }
        broker.Statistics.SetSubscriptions(broker.Trie.Count);
    }

    private void Delay(MqttSession session, StoredWill will, long now)
    {
        uint delay = Math.Min(will.Will.DelaySeconds, session.ExpirySeconds);
        session.DelayedWill = (will, now + (long)(delay * (double)broker.TimeProvider.TimestampFrequency));
    }

    /// <summary>A session belongs to the user that made it: nobody takes over another one's messages by guessing its client id.</summary>
    private bool IsOfAnother(ConnectPacket connect) =>
        _sessions.TryGetValue(connect.ClientId, out MqttSession? session) && session.User != (connect.UserName ?? "") && broker.Access.Exists(session.User);

    private AcquiredSession AcquireLocked(MqttConnection connection, ConnectPacket connect)
    {
        if (!broker.Access.IsOpen && IsOfAnother(connect)) return new AcquiredSession(null, false, null, ReasonCode.NotAuthorized);
        bool present = _sessions.TryGetValue(connect.ClientId, out MqttSession? session);
        if (present && connect.CleanStart)
        {
            EndLocked(session!);
            present = false;
        }
        if (!present)
        {
            if (connect.SessionExpirySeconds > 0 && _sessions.Count - _holders.Count >= broker.Options.MaxSessions) return new AcquiredSession(null, false, null, ReasonCode.QuotaExceeded);
            session = new MqttSession(connect.ClientId, broker, isDurable: connect.SessionExpirySeconds > 0);
            _sessions[connect.ClientId] = session;
        }
        bool isNews = !present || session!.ExpirySeconds != connect.SessionExpirySeconds;
        session!.ExpirySeconds = connect.SessionExpirySeconds;
        session.User = connect.UserName ?? "";
        _holders[connect.ClientId] = connection;
        broker.Statistics.SetSessions(_sessions.Count);
        return new AcquiredSession(session, present, session.IsDurable && isNews ? session.Save(isConnected: true) : null);
    }

    private void EndLocked(MqttSession session)
    {
        _sessions.Remove(session.ClientId);
        // A delayed will does not outlive its session.
        if (session.DelayedWill is { } will) broker.Track(broker.PublishWillAsync(will.Will));
        session.DelayedWill = null;
        session.End(broker.Trie);
        broker.Statistics.SetSubscriptions(broker.Trie.Count);
    }
}
