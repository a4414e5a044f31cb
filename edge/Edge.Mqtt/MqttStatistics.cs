namespace Edge.Mqtt;

/// <summary>Counters since start, and gauges; every field may be read at any time without a lock.</summary>
public sealed class MqttStatistics
{
    private long _connections, _connectionsTotal, _connectionsRefused, _sessions, _subscriptions;
    private long _messagesReceived, _bytesReceived, _messagesAcknowledged, _messagesRefused, _messagesSent, _messagesDropped, _duplicates;
    private long _malformed, _protocolErrors, _keepAliveTimeouts, _connectTimeouts, _takeovers, _willsPublished, _retainedRefused, _expired;
    private long _batchesSkipped, _busyWaits, _unrouted, _catchUps, _overruns, _sessionsExpired, _garbage, _loginsRefused, _denied, _throttled;

    /// <summary>Clients connected now.</summary>
    public long Connections => Volatile.Read(ref _connections);
    public long ConnectionsTotal => Volatile.Read(ref _connectionsTotal);

    /// <summary>Turned away: too many connections, too fast, or a CONNECT that was refused.</summary>
    public long ConnectionsRefused => Volatile.Read(ref _connectionsRefused);

    /// <summary>Sessions kept, connected or away.</summary>
    public long Sessions => Volatile.Read(ref _sessions);
    public long Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>PUBLISH packets handed to ingest.</summary>
    public long MessagesReceived => Volatile.Read(ref _messagesReceived);

    /// <summary>Bytes of packets read from connected clients.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>PUBACK and PUBREC sent after a commit.</summary>
    public long MessagesAcknowledged => Volatile.Read(ref _messagesAcknowledged);

    /// <summary>Publishes refused: disk full, journal read-only, reserved or invalid topic, too large.</summary>
    public long MessagesRefused => Volatile.Read(ref _messagesRefused);

    /// <summary>PUBLISH packets sent to subscribers.</summary>
    public long MessagesSent => Volatile.Read(ref _messagesSent);

    /// <summary>Messages not delivered to a subscriber: QoS 0 to a slow reader, larger than the client takes, or a shared group without a free member.</summary>
    public long MessagesDropped => Volatile.Read(ref _messagesDropped);

    /// <summary>QoS 2 publishes that were here already.</summary>
    public long Duplicates => Volatile.Read(ref _duplicates);
    public long Malformed => Volatile.Read(ref _malformed);
    public long ProtocolErrors => Volatile.Read(ref _protocolErrors);
    public long KeepAliveTimeouts => Volatile.Read(ref _keepAliveTimeouts);
    public long ConnectTimeouts => Volatile.Read(ref _connectTimeouts);
    public long Takeovers => Volatile.Read(ref _takeovers);
    public long WillsPublished => Volatile.Read(ref _willsPublished);

    /// <summary>Messages stored, but not retained because a bound was reached.</summary>
    public long RetainedRefused => Volatile.Read(ref _retainedRefused);

    /// <summary>Messages whose expiry passed before delivery.</summary>
    public long Expired => Volatile.Read(ref _expired);

    /// <summary>Journal batches that could not be read for subscribers.</summary>
    public long BatchesSkipped => Volatile.Read(ref _batchesSkipped);

    /// <summary>Times a publisher was held back by admission control.</summary>
    public long BusyWaits => Volatile.Read(ref _busyWaits);

    /// <summary>Publishes that no route takes.</summary>
    public long Unrouted => Volatile.Read(ref _unrouted);

    /// <summary>Times a subscriber fell back to its position in the journal.</summary>
    public long CatchUps => Volatile.Read(ref _catchUps);

    /// <summary>Times retention had removed what a session was still to read.</summary>
    public long Overruns => Volatile.Read(ref _overruns);
    public long SessionsExpired => Volatile.Read(ref _sessionsExpired);

    /// <summary>Connections whose first byte was not a CONNECT's.</summary>
    public long Garbage => Volatile.Read(ref _garbage);

    /// <summary>CONNECTs with wrong credentials, or too many of them, or a will that is not allowed.</summary>
    public long LoginsRefused => Volatile.Read(ref _loginsRefused);

    /// <summary>Publishes and subscriptions the client has no right to.</summary>
    public long Denied => Volatile.Read(ref _denied);

    /// <summary>Times a client was read no further for a while, because it is above its quota.</summary>
    public long Throttled => Volatile.Read(ref _throttled);

    internal void AddConnection(int change)
    {
        Interlocked.Add(ref _connections, change);
        if (change > 0) Interlocked.Increment(ref _connectionsTotal);
    }

    internal void AddRefusedConnection() => Interlocked.Increment(ref _connectionsRefused);
    internal void SetSessions(int count) => Volatile.Write(ref _sessions, count);
    internal void SetSubscriptions(int count) => Volatile.Write(ref _subscriptions, count);
    internal void AddReceived(int messages) => Interlocked.Add(ref _messagesReceived, messages);
    internal void AddBytes(long bytes) => Interlocked.Add(ref _bytesReceived, bytes);
    internal void AddAcknowledged(int messages) => Interlocked.Add(ref _messagesAcknowledged, messages);
    internal void AddRefused() => Interlocked.Increment(ref _messagesRefused);
    internal void AddSent() => Interlocked.Increment(ref _messagesSent);
    internal void AddDropped() => Interlocked.Increment(ref _messagesDropped);
    internal void AddDuplicate() => Interlocked.Increment(ref _duplicates);
    internal void AddMalformed() => Interlocked.Increment(ref _malformed);
    internal void AddProtocolError() => Interlocked.Increment(ref _protocolErrors);
    internal void AddKeepAliveTimeout() => Interlocked.Increment(ref _keepAliveTimeouts);
    internal void AddConnectTimeout() => Interlocked.Increment(ref _connectTimeouts);
    internal void AddTakeover() => Interlocked.Increment(ref _takeovers);
    internal void AddWill() => Interlocked.Increment(ref _willsPublished);
    internal void AddRetainedRefused() => Interlocked.Increment(ref _retainedRefused);
    internal void AddExpired() => Interlocked.Increment(ref _expired);
    internal void AddSkippedBatch() => Interlocked.Increment(ref _batchesSkipped);
    internal void AddBusyWait() => Interlocked.Increment(ref _busyWaits);
    internal void AddUnrouted() => Interlocked.Increment(ref _unrouted);
    internal void AddRefusedLogin() => Interlocked.Increment(ref _loginsRefused);
    internal void AddDenied() => Interlocked.Increment(ref _denied);
    internal void AddThrottled() => Interlocked.Increment(ref _throttled);
    internal void AddOverrun() => Interlocked.Increment(ref _overruns);
    internal void AddSessionExpired() => Interlocked.Increment(ref _sessionsExpired);
    internal void AddGarbage() => Interlocked.Increment(ref _garbage);
    internal void AddCatchUp() => Interlocked.Increment(ref _catchUps);
}
