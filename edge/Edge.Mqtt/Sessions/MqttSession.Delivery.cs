using Edge.Mqtt.Connections;
using Edge.Mqtt.Fanout;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Retained;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Sessions;

/// <content>Sending messages to the client, and its acknowledgements.</content>
internal sealed partial class MqttSession
{
    private const int MaxIdentifiers = 16;

    private readonly Dictionary<ushort, InFlight> _inFlight = [];
    private readonly Queue<(RetainedMessage Message, byte Qos, int Identifier)> _pendingRetained = new();
    private readonly Dictionary<string, Replay> _replays = new(StringComparer.Ordinal);
    private ushort _lastPacketId;
    private long _order;
    private bool _behind, _resending;

    // The next record to offer: of a session that is behind exactly, of one that keeps up what it last took.
    private JournalPosition _position;
    private long _liveFrom;

    private enum SendResult : byte { Done, NoRoom }

    /// <summary>Offers a message as it happens. What a slow or absent client cannot take now it gets later from the journal (QoS 1, 2), or not (QoS 0).</summary>
    /// <returns>The connection that has something to flush, or null.</returns>
    public MqttConnection? DeliverLive(scoped in OutgoingMessage message, ReadOnlySpan<Subscription> subscriptions, long nowMs)
    {
        Span<int> identifiers = stackalloc int[MaxIdentifiers];
        lock (Gate)
        {
            if (IsEnded || message.Sequence < _liveFrom) return null;
            if (!TrySelect(message, subscriptions, identifiers, out byte qos, out bool retain, out int count)) return null;
            if (qos == 0)
            {
                if (Connection is null || Send(message, 0, retain, identifiers[..count], nowMs) == SendResult.Done) return Connection;
                _broker.Statistics.AddDropped();
                return null;
            }
            if (_behind) return null; // the pump comes to it
            if (Connection is null && ExpirySeconds == 0) return null;
            if (Connection is { } connection && !_resending && _pendingRetained.Count == 0
                && Send(message, qos, retain, identifiers[..count], nowMs) == SendResult.Done)
            {
                _position = new JournalPosition(message.Sequence, message.RecordIndex + 1);
                return connection;
            }
            _behind = true;
            _position = new JournalPosition(message.Sequence, message.RecordIndex);
            _broker.Statistics.AddCatchUp();
            if (Connection is not null) StartPumpLocked();
            return null;
        }
    }

    /// <summary>One message of a shared group. False when this member cannot take it now.</summary>
    public bool TryDeliverShared(scoped in OutgoingMessage message, Subscription subscription, long nowMs)
    {
        lock (Gate)
        {
            if (IsEnded || Connection is null || message.Sequence < subscription.StartSequence) return false;
            byte qos = Math.Min(message.Qos, subscription.Request.Qos);
            ReadOnlySpan<int> identifiers = subscription.Identifier == 0 ? [] : [subscription.Identifier];
            if (Send(message, qos, subscription.Request.RetainAsPublished && message.WasRetained, identifiers, nowMs) != SendResult.Done) return false;
            FlushLocked();
            return true;
        }
    }

    /// <summary>One message of a replay, its topic with the prefix already.</summary>
    /// <returns>Null when it is done with; else what to wait for before it is tried again.</returns>
    public Task? TryReplay(scoped in OutgoingMessage message, Subscription subscription, MqttConnection connection, long nowMs)
    {
        lock (Gate)
        {
            if (IsEnded || Connection != connection) return null;
            byte qos = Math.Min(message.Qos, subscription.Request.Qos);
            ReadOnlySpan<int> identifiers = subscription.Identifier == 0 ? [] : [subscription.Identifier];
            bool done = Send(message, qos, subscription.Request.RetainAsPublished && message.WasRetained, identifiers, nowMs, Replay.PrefixOf(subscription.Request.ReplayFrom!)) == SendResult.Done;
            return done ? null : WhenRoomLocked();
        }
    }

    /// <summary>Begins a replay; one of the same text is replaced, as any subscription is.</summary>
    public void AddReplay(Subscription subscription, Replay replay)
    {
        lock (Gate)
        {
            if (_replays.Remove(subscription.Request.Text, out Replay? old)) old.Dispose();
            Subscriptions[subscription.Request.Text] = subscription;
            _replays[subscription.Request.Text] = replay;
        }
        replay.Start();
    }

    public int ReplayCount { get { lock (Gate) return _replays.Count; } }

    /// <summary>The gate is held.</summary>
    public void EndReplayLocked(string text)
    {
        if (_replays.Remove(text, out Replay? replay)) replay.Dispose();
    }

    private void EndReplaysLocked()
    {
        foreach ((string text, Replay replay) in _replays)
        {
            Subscriptions.Remove(text);
            replay.Dispose();
        }
        _replays.Clear();
    }

    /// <summary>Sends retained messages of a new subscription, as far as there is room; the rest follows by the pump.</summary>
    public void DeliverRetained(List<RetainedMessage> messages, Subscription subscription, long nowMs)
    {
        lock (Gate)
        {
            foreach (RetainedMessage message in messages)
                _pendingRetained.Enqueue((message, Math.Min(message.Qos, subscription.Request.Qos), subscription.Identifier));
            if (Connection is null || _resending || _pumping || SendPendingRetainedLocked(nowMs)) return;
            StartPumpLocked();
        }
    }

    public PacketFault OnPubAck(ushort packetId) => OnAcknowledged(packetId, InFlightState.AwaitsPubAck);

    public PacketFault OnPubComp(ushort packetId) => OnAcknowledged(packetId, InFlightState.AwaitsPubComp);

    /// <param name="answer">True when a PUBREL is to be sent, with <paramref name="answerReason"/>.</param>
    public PacketFault OnPubRec(ushort packetId, ReasonCode reason, out bool answer, out ReasonCode answerReason)
    {
        answer = false;
        answerReason = ReasonCode.Success;
        lock (Gate)
        {
            if (!_inFlight.TryGetValue(packetId, out InFlight entry))
            {
                answer = true;
                answerReason = ReasonCode.PacketIdentifierNotFound;
                return PacketFault.None;
            }
            if (entry.State == InFlightState.AwaitsPubAck) return PacketFault.ProtocolError;
            if (reason >= ReasonCode.UnspecifiedError)
            {
                _dirty = true;
                _inFlight.Remove(packetId);
                SignalRoomLocked();
                return PacketFault.None;
            }
            _inFlight[packetId] = entry with { State = InFlightState.AwaitsPubComp };
            answer = true;
            return PacketFault.None;
        }
    }

    private PacketFault OnAcknowledged(ushort packetId, InFlightState expected)
    {
        lock (Gate)
        {
            if (!_inFlight.TryGetValue(packetId, out InFlight entry)) return PacketFault.None;
            if (entry.State != expected) return PacketFault.ProtocolError;
            _dirty = true;
            _inFlight.Remove(packetId);
            if (_room is not null && _inFlight.Count <= WindowLocked() / 2) SignalRoomLocked();
            return PacketFault.None;
        }
    }

    private int WindowLocked() => Math.Min(_broker.Options.MaxInFlightOut, Connection?.ReceiveMaximum ?? int.MaxValue);

    /// <summary>What the matching subscriptions make of a message: highest QoS, all identifiers.</summary>
    private bool TrySelect(scoped in OutgoingMessage message, ReadOnlySpan<Subscription> subscriptions, Span<int> identifiers, out byte qos, out bool retain, out int count)
    {
        bool any = false, asPublished = false;
        int highest = 0;
        count = 0;
        foreach (Subscription subscription in subscriptions)
        {
            if (message.Sequence < subscription.StartSequence) continue;
            if (subscription.Request.NoLocal && message.Client.SequenceEqual(ClientIdUtf8)) continue;
            any = true;
            highest = Math.Max(highest, subscription.Request.Qos);
            asPublished |= subscription.Request.RetainAsPublished;
            if (subscription.Identifier != 0 && count < identifiers.Length) identifiers[count++] = subscription.Identifier;
        }
        qos = (byte)Math.Min(highest, message.Qos);
        retain = asPublished && message.WasRetained;
        return any;
    }

    /// <summary>Writes the PUBLISH, without a flush. The gate is held and there is a connection.</summary>
    private SendResult Send(scoped in OutgoingMessage message, byte qos, bool retain, ReadOnlySpan<int> identifiers, long nowMs, string? replayPrefix = null)
    {
        MqttConnection connection = Connection!;
        if (message.ExpiryMs != 0 && message.ExpiryMs <= nowMs)
        {
            _broker.Statistics.AddExpired();
            return SendResult.Done;
        }
        bool waits = qos == 2 && IsDurable, isKnown = false;
        // What waits for its commit may be overtaken, and must not speak of an alias that is introduced later.
        int alias = waits || connection.Aliases is not { } aliases ? 0 : aliases.Find(message.Topic, out isKnown);
        PublishWriter packet = new(message, qos, connection.IsVersion5, identifiers, nowMs, alias, isKnown);
        int size = packet.SizeBytes;
        if (size > connection.MaximumPacketSize)
        {
            _broker.Statistics.AddDropped();
            return SendResult.Done;
        }
        if (qos > 0 && _inFlight.Count >= WindowLocked()) return SendResult.NoRoom;
        if (waits)
        {
            // Exactly once over a crash: the client must never see the message under an id that is not on disk. Sent by SendSavedAsync.
            if (_unsavedBytes > 0 && _unsavedBytes + size > MaxUnsavedBytes) return SendResult.NoRoom;
            ushort id = NextPacketId();
            _inFlight[id] = new InFlight(id, ++_order, InFlightState.AwaitsPubRec, qos, retain, message.Sequence, message.RecordIndex, message.Retained,
                identifiers.ToArray(), null, replayPrefix);
            byte[] bytes = new byte[size];
            packet.Write(bytes, id, dup: false, retain);
            _unsaved.Add((id, bytes));
            _unsavedBytes += size;
            return SendResult.Done;
        }
        using ConnectionOutput.Scope output = connection.Output.Enter();
        if (!output.HasRoom(size)) return SendResult.NoRoom;
        ushort packetId = 0;
        if (qos > 0)
        {
            packetId = NextPacketId();
            _inFlight[packetId] = new InFlight(packetId, ++_order, qos == 1 ? InFlightState.AwaitsPubAck : InFlightState.AwaitsPubRec, qos, retain,
                message.Sequence, message.RecordIndex, message.Retained, identifiers.ToArray(), null, replayPrefix);
        }
        packet.Write(output.GetSpan(size), packetId, dup: qos == 1 && message.Sequence < _dupBefore && message.Retained is null, retain);
        output.Advance(size);
        if (alias > 0 && !isKnown) connection.Aliases!.Introduce(message.Topic);
        _broker.Statistics.AddSent();
        return SendResult.Done;
    }

    /// <returns>True when none is left.</returns>
    private bool SendPendingRetainedLocked(long nowMs)
    {
        while (_pendingRetained.TryPeek(out (RetainedMessage Message, byte Qos, int Identifier) next))
        {
            ReadOnlySpan<int> identifiers = next.Identifier == 0 ? [] : [next.Identifier];
            if (Send(OutgoingMessage.FromRetained(next.Message), next.Qos, retain: true, identifiers, nowMs) != SendResult.Done)
            {
                FlushLocked();
                return false;
            }
            _pendingRetained.Dequeue();
        }
        FlushLocked();
        return true;
    }

    private ushort NextPacketId()
    {
        do { _lastPacketId = _lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPacketId + 1); } while (_inFlight.ContainsKey(_lastPacketId));
        return _lastPacketId;
    }
}
