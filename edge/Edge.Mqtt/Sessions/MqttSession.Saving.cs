using Edge.Log.Commit;
using Edge.Mqtt.Connections;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Sessions;

/// <content>What is written of a durable session, and what waits for it: QoS 2 messages before they go out, and their PUBREL.</content>
internal sealed partial class MqttSession
{
    // Messages of QoS 2 that wait for their commit are in memory meanwhile.
    private const int MaxUnsavedBytes = 128 << 10;

    private List<(ushort PacketId, byte[] Packet)> _unsaved = [];
    private int _unsavedBytes;
    private Task _sending = Task.CompletedTask;
    private bool _dirty, _hasSavedDelivery;
    private long _lastSave;

    // Records before it may have been sent by the process that crashed: QoS 1 goes out marked as a repetition.
    private long _dupBefore;

    /// <summary>Writes life time and subscriptions; completes when durable or refused.</summary>
    /// <param name="isConnected">The client is there, or is just being let in.</param>
    public Task<CommitOutcome> Save(bool isConnected)
    {
        lock (Gate) return SaveLocked(isConnected);
    }

    /// <summary>Sends what was written, after saving what has to be saved first.</summary>
    public void Flush()
    {
        lock (Gate) FlushLocked();
    }

    /// <summary>The client has these QoS 2 messages: PUBREL goes out once that is durable, in the order given.</summary>
    public void AnswerReceived(MqttConnection connection, List<(ushort PacketId, ReasonCode Reason)> answers)
    {
        lock (Gate)
        {
            if (IsDurable) SaveThenSendLocked(connection, answers);
            else
                foreach ((ushort id, ReasonCode reason) in answers) connection.SendAcknowledgement(PacketType.PubRel, id, reason);
        }
    }

    /// <summary>Now and then: the position of QoS 1, so that a crash repeats little.</summary>
    public void SaveLazily(long now, TimeSpan interval)
    {
        lock (Gate)
        {
            if (!_dirty || IsEnded || !IsDurable || _broker.TimeProvider.GetElapsedTime(_lastSave, now) < interval) return;
            SaveDeliveryLocked();
        }
    }

    /// <summary>Takes what an earlier boot kept.</summary>
    public void Restore(SessionRecord record, DeliveryRecord? delivery, long now, long nowMs)
    {
        lock (Gate)
        {
            ExpirySeconds = record.ExpirySeconds;
            User = record.User;
            // A clock that was set back, or a client that was connected: its absence begins now.
            double away = record.IsConnected ? 0 : Math.Max(0, (nowMs - record.AwaySinceMs) / 1000.0);
            AwaySince = now - (long)(Math.Min(away, record.ExpirySeconds) * _broker.TimeProvider.TimestampFrequency);
            foreach ((FilterRequest request, int identifier, long start) in record.Subscriptions)
                Subscriptions[request.Text] = new Subscription(this, request, identifier, start);
            long end = _broker.Journal.DurableSequence;
            _position = delivery?.Next ?? new JournalPosition(record.Subscriptions.Select(s => s.StartSequence).DefaultIfEmpty(end).Min(), 0);
            _behind = true;
            if (record.IsConnected) _dupBefore = end;
            if (delivery is null) return;
            _hasSavedDelivery = true;
            _lastPacketId = delivery.LastPacketId;
            foreach (InFlight entry in delivery.InFlight) _inFlight[entry.PacketId] = entry with { Order = ++_order };
        }
    }

    private Task<CommitOutcome> SaveLocked(bool isConnected)
    {
        SessionRecord record = new(isConnected, User, ExpirySeconds, _broker.NowMs(),
            [.. Subscriptions.Values.Where(s => !s.IsReplay).Select(s => (s.Request, s.Identifier, s.StartSequence))]);
        return _broker.Store.PutAsync('s', ClientId, record.Encode());
    }

    private Task<CommitOutcome> SaveDeliveryLocked()
    {
        if (!_behind)
        {
            // Nothing before it is still to be offered, whether it concerned this session or not.
            long offered = _broker.Fanout.OfferedSequence;
            if (offered > _position.Sequence) _position = new JournalPosition(offered, 0);
        }
        _dirty = false;
        _hasSavedDelivery = true;
        _lastSave = _broker.Now();
        DeliveryRecord record = new(_position, _lastPacketId, [.. _inFlight.Values.OrderBy(entry => entry.Order)]);
        return _broker.Store.PutAsync('p', ClientId, record.Encode());
    }

    private void FlushLocked()
    {
        if (Connection is not { } connection) return;
        connection.Output.Flush();
        if (_unsaved.Count > 0) SaveThenSendLocked(connection, null);
    }

    private void SaveThenSendLocked(MqttConnection connection, List<(ushort PacketId, ReasonCode Reason)>? answers)
    {
        List<(ushort, byte[])> packets = _unsaved;
        _unsaved = [];
        _sending = SendSavedAsync(_sending, SaveDeliveryLocked(), connection, packets, answers);
        _broker.Track(_sending);
    }

    private async Task SendSavedAsync(Task before, Task<CommitOutcome> save, MqttConnection connection, List<(ushort PacketId, byte[] Packet)> packets,
        List<(ushort PacketId, ReasonCode Reason)>? answers)
    {
        CommitOutcome outcome = await save.ConfigureAwait(false);
        await before.ConfigureAwait(false); // what was saved earlier goes out earlier
        lock (Gate)
        {
            if (!outcome.IsDurable) connection.Close(outcome.Status == AppendStatus.LogFull ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError);
            bool goes = outcome.IsDurable && Connection == connection;
            using (ConnectionOutput.Scope output = connection.Output.Enter())
            {
                foreach ((ushort id, byte[] packet) in packets)
                {
                    _unsavedBytes -= packet.Length;
                    if (!goes || !_inFlight.ContainsKey(id)) continue;
                    packet.CopyTo(output.GetSpan(packet.Length));
                    output.Advance(packet.Length);
                    _broker.Statistics.AddSent();
                }
                output.Flush();
            }
            if (goes && answers is not null)
                foreach ((ushort id, ReasonCode reason) in answers) connection.SendAcknowledgement(PacketType.PubRel, id, reason);
            SignalRoomLocked();
        }
    }
}
