using Edge.Mqtt.Connections;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Sessions;

/// <summary>All sessions by client id: who holds one, who takes it over, when it ends.</summary>
internal sealed class SessionTable(MqttBroker broker)
{
    private static readonly TimeSpan TakeoverLimit = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MqttSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MqttConnection> _holders = new(StringComparer.Ordinal);

    /// <summary>Gives the connection its session, after an earlier connection of the same client id was closed.</summary>
    /// <returns>No session: the bound is reached (<c>Present</c> false) or the earlier connection does not end (<c>Present</c> true).</returns>
    public async Task<(MqttSession? Session, bool Present)> AcquireAsync(MqttConnection connection, ConnectPacket connect, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < 3; attempt++)
        {
            MqttConnection? holder;
            lock (_gate)
            {
                if (!_holders.TryGetValue(connect.ClientId, out holder)) return AcquireLocked(connection, connect);
            }
            broker.Statistics.AddTakeover();
            holder.Close(ReasonCode.SessionTakenOver);
            try { await holder.Finished.WaitAsync(TakeoverLimit, broker.TimeProvider, cancellationToken).ConfigureAwait(false); }
            catch (TimeoutException) { }
        }
        return (null, true);
    }

    /// <summary>The connection is over: its will is published or scheduled, the session kept or ended.</summary>
    public async Task ReleaseAsync(MqttConnection connection, MqttSession session, WillMessage? will, string? userName)
    {
        bool ends = session.ExpirySeconds == 0;
        lock (_gate)
        {
            if (!_holders.TryGetValue(session.ClientId, out MqttConnection? holder) || holder != connection) return;
            session.Detach(connection, broker.Now());
            if (ends) EndLocked(session);
            else if (will is { DelaySeconds: > 0 })
            {
                uint delay = Math.Min(will.DelaySeconds, session.ExpirySeconds);
                session.DelayedWill = (will, userName, broker.Now() + (long)(delay * (double)broker.TimeProvider.TimestampFrequency));
                will = null;
            }
            _holders.Remove(session.ClientId);
        }
        broker.Statistics.SetSessions(_sessions.Count);
        if (will is not null) await broker.PublishWillAsync(session.ClientId, userName, will).ConfigureAwait(false);
    }

    /// <summary>Ends what has expired and publishes wills that are due. Called once a second.</summary>
    public void Sweep(long now)
    {
        List<(string ClientId, string? UserName, WillMessage Will)> due = [];
        lock (_gate)
        {
            foreach (MqttSession session in _sessions.Values.ToArray())
            {
                if (_holders.ContainsKey(session.ClientId)) continue;
                bool expired = session.ExpirySeconds != uint.MaxValue
                    && broker.TimeProvider.GetElapsedTime(session.AwaySince, now) >= TimeSpan.FromSeconds(session.ExpirySeconds);
                if (session.DelayedWill is { } will && !expired && will.DueAt <= now)
                {
                    due.Add((session.ClientId, will.UserName, will.Will));
                    session.DelayedWill = null;
                }
                if (expired) EndLocked(session);
            }
        }
        broker.Statistics.SetSessions(_sessions.Count);
        foreach ((string clientId, string? userName, WillMessage will) in due) broker.Track(broker.PublishWillAsync(clientId, userName, will));
    }

    private (MqttSession? Session, bool Present) AcquireLocked(MqttConnection connection, ConnectPacket connect)
    {
        bool present = _sessions.TryGetValue(connect.ClientId, out MqttSession? session);
        if (present && connect.CleanStart)
        {
            EndLocked(session!);
            present = false;
        }
        if (!present)
        {
            if (connect.SessionExpirySeconds > 0 && _sessions.Count - _holders.Count >= broker.Options.MaxSessions) return (null, false);
            session = new MqttSession(connect.ClientId, broker);
            _sessions[connect.ClientId] = session;
        }
        session!.ExpirySeconds = connect.SessionExpirySeconds;
        _holders[connect.ClientId] = connection;
        broker.Statistics.SetSessions(_sessions.Count);
        return (session, present);
    }

    private void EndLocked(MqttSession session)
    {
        _sessions.Remove(session.ClientId);
        // A delayed will does not outlive its session.
        if (session.DelayedWill is { } will) broker.Track(broker.PublishWillAsync(session.ClientId, will.UserName, will.Will));
        session.DelayedWill = null;
        session.End(broker.Trie);
        broker.Statistics.SetSubscriptions(broker.Trie.Count);
    }
}
