using System.Text;
using Edge.Log.Commit;
using Edge.Log.Readers;
using Edge.Mqtt.Connections;
using Edge.Mqtt.Fanout;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Retained;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Sessions;

/// <content>The pump: redelivery after a reconnect, retained messages that did not fit, and catching up from the journal.</content>
internal sealed partial class MqttSession
{
    private readonly Utf8Map<Subscription[]> _matches = new(1024); // used by the pump alone
    private int _matchesVersion = -1;
    private bool _pumping;

    /// <summary>Frames that retention removed before this session came to them; an upper bound, since not all were for it.</summary>
    public long Overrun { get; private set; }
    private TaskCompletionSource? _room;

    /// <summary>The output has drained, or the connection is ending.</summary>
    public void OnDrained()
    {
        lock (Gate) SignalRoomLocked();
    }

    private void SignalRoomLocked()
    {
        _room?.TrySetResult();
        _room = null;
    }

    private Task WhenRoomLocked() => (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void StartPumpLocked()
    {
        if (_pumping) return;
        _pumping = true;
        _broker.Track(Task.Run(PumpAsync));
    }

    private async Task PumpAsync()
    {
        JournalReader? reader = null;
        try
        {
            while (true)
            {
                Task? wait = null;
                MqttConnection? connection;
                List<InFlight>? resend = null;
                lock (Gate)
                {
                    connection = Connection;
                    if (connection is null || IsEnded) { _pumping = false; return; }
                    if (_resending) resend = [.. _inFlight.Values.OrderBy(entry => entry.Order)];
                    else if (!SendPendingRetainedLocked(_broker.NowMs())) wait = WhenRoomLocked();
                    else if (!_behind) { _pumping = false; return; }
                }
                if (resend is not null)
                {
                    if (await ResendAsync(connection, resend).ConfigureAwait(false)) continue;
                    lock (Gate) _pumping = false; // the connection is closing; the next one tries again
                    return;
                }
                wait ??= ReadOn(ref reader);
                if (wait is null) continue;
                Flush();
                await wait.ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            _broker.ReportPumpFault(ClientId, e);
            lock (Gate) _pumping = false;
            Connection?.Close(ReasonCode.UnspecifiedError);
        }
        finally { reader?.Dispose(); }
    }

    /// <summary>Delivers the next batch of the journal, or ends the catching up.</summary>
    /// <returns>What to wait for; null to go on at once.</returns>
    private Task? ReadOn(ref JournalReader? reader)
    {
        JournalPosition from;
        long oldest = _broker.Journal.StartSequence;
        lock (Gate)
        {
            if (_position.Sequence < oldest)
            {
                // Retention does not wait for sessions. Not every frame was for this one: the number is an upper bound.
                Overrun += oldest - _position.Sequence;
                _broker.Statistics.AddOverrun();
                _position = new JournalPosition(oldest, 0);
            }
            from = _position;
        }
        reader ??= _broker.OpenReader(from.Sequence);
        if (reader.Position > from.Sequence || from.RecordIndex > 0) reader.Seek(from.Sequence);
        if (!reader.TryRead(out JournalEntry entry))
        {
            lock (Gate)
            {
                // Everything the fan-out worker passes from here on is behind what was read, and it passes it only after it has seen this change.
                if (!_behind || _broker.Fanout.NextSequence <= reader.Position)
                {
                    _behind = false;
                    _liveFrom = Math.Max(_liveFrom, reader.Position);
                }
                _position = new JournalPosition(reader.Position, 0);
            }
            return null;
        }
        BatchRecords records = new(_broker, entry);
        int first = entry.IngestSequence == from.Sequence ? from.RecordIndex : 0;
        Span<int> identifiers = stackalloc int[MaxIdentifiers];
        long nowMs = _broker.NowMs();
        while (records.MoveNext())
        {
            if (records.Index < first) continue;
            OutgoingMessage message = records.Current;
            Subscription[] matching = MatchOwn(message.Topic);
            if (matching.Length == 0) continue;
            lock (Gate)
            {
                if (Connection is null || IsEnded)
                {
                    _position = new JournalPosition(entry.IngestSequence, records.Index);
                    return null;
                }
                if (!TrySelect(message, matching, identifiers, out byte qos, out bool retain, out int count) || qos == 0) continue; // QoS 0 went out live
                if (Send(message, qos, retain, identifiers[..count], nowMs) == SendResult.Done)
                {
                    _position = new JournalPosition(entry.IngestSequence, records.Index + 1);
                    continue;
                }
                _position = new JournalPosition(entry.IngestSequence, records.Index);
                return WhenRoomLocked();
            }
        }
        lock (Gate)
        {
            _position = new JournalPosition(entry.IngestSequence + 1, 0);
            FlushLocked();
        }
        return null;
    }

    private Subscription[] MatchOwn(ReadOnlySpan<byte> topic)
    {
        int version = _broker.Trie.Version;
        if (version != _matchesVersion)
        {
            _matches.Clear();
            _matchesVersion = version;
        }
        if (_matches.Find(topic) is { } known) return known;
        string text = Encoding.UTF8.GetString(topic);
        Subscription[] matching;
        lock (Gate) matching = [.. Subscriptions.Values.Where(s => s.Request.Group is null && !s.IsReplay && SubscriptionTrie.Matches(s.Request.Filter, text))];
        _matches.Set(topic.ToArray(), matching);
        return matching;
    }

    private async Task<bool> ResendAsync(MqttConnection connection, List<InFlight> entries)
    {
        JournalReader? reader = null;
        try
        {
            if (IsDurable && entries.Exists(static entry => entry.Qos == 2))
            {
                // What the last connection was about to save may not have become durable.
                Task<CommitOutcome> save;
                lock (Gate) save = SaveDeliveryLocked();
                if (await save.ConfigureAwait(false) is { IsDurable: false } outcome)
                {
                    connection.Close(outcome.Status == AppendStatus.LogFull ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError);
                    return false;
                }
            }
            foreach (InFlight entry in entries)
            {
                await connection.Output.WhenDrained().ConfigureAwait(false);
                if (entry.State == InFlightState.AwaitsPubComp)
                    connection.SendAcknowledgement(PacketType.PubRel, entry.PacketId, ReasonCode.Success);
                else if (entry.Retained is { } retained)
                    WriteAgain(connection, entry, OutgoingMessage.FromRetained(retained));
                else if (entry.RetainedTopic is { } topic)
                {
                    if (_broker.Retained.Match(topic) is [{ } kept]) WriteAgain(connection, entry, OutgoingMessage.FromRetained(kept));
                    else Drop(entry); // replaced by nothing since
                }
                else
                    ResendFromJournal(connection, entry, ref reader);
            }
        }
        finally { reader?.Dispose(); }
        lock (Gate)
        {
            if (Connection == connection) _resending = false;
        }
        return true;
    }

    private void ResendFromJournal(MqttConnection connection, InFlight entry, ref JournalReader? reader)
    {
        reader ??= _broker.OpenReader(entry.Sequence);
        reader.Seek(entry.Sequence);
        if (reader.TryRead(out JournalEntry batch) && batch.IngestSequence == entry.Sequence)
        {
            BatchRecords records = new(_broker, batch);
            while (records.MoveNext())
            {
                if (records.Index != entry.RecordIndex) continue;
                OutgoingMessage message = records.Current;
                if (entry.ReplayPrefix is { } prefix) message.Topic = Replay.PrefixedTopic(Encoding.UTF8.GetBytes(prefix), message.Topic);
                WriteAgain(connection, entry, message);
                return;
            }
        }
        Drop(entry); // retention was faster than the client
    }

    private void Drop(in InFlight entry)
    {
        _broker.Statistics.AddDropped();
        lock (Gate)
        {
            _dirty = true;
            _inFlight.Remove(entry.PacketId);
        }
    }

    private void WriteAgain(MqttConnection connection, in InFlight entry, scoped in OutgoingMessage message)
    {
        lock (Gate)
        {
            if (Connection != connection || !_inFlight.ContainsKey(entry.PacketId)) return;
            PublishWriter packet = new(message, entry.Qos, connection.IsVersion5, entry.Identifiers, _broker.NowMs());
            using ConnectionOutput.Scope output = connection.Output.Enter();
            packet.Write(output.GetSpan(packet.SizeBytes), entry.PacketId, dup: true, entry.Retain);
            output.Advance(packet.SizeBytes);
            output.Flush();
            _broker.Statistics.AddSent();
        }
    }
}
