using System.Text;
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
                    await ResendAsync(connection, resend).ConfigureAwait(false);
                    continue;
                }
                wait ??= ReadOn(ref reader);
                if (wait is null) continue;
                connection.Output.Flush();
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
        lock (Gate) from = _position;
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
                if (Send(message, qos, retain, identifiers[..count], nowMs) == SendResult.Done) continue;
                _position = new JournalPosition(entry.IngestSequence, records.Index);
                return WhenRoomLocked();
            }
        }
        lock (Gate)
        {
            _position = new JournalPosition(entry.IngestSequence + 1, 0);
            Connection?.Output.Flush();
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
        lock (Gate) matching = [.. Subscriptions.Values.Where(s => s.Request.Group is null && SubscriptionTrie.Matches(s.Request.Filter, text))];
        _matches.Set(topic.ToArray(), matching);
        return matching;
    }

    private async Task ResendAsync(MqttConnection connection, List<InFlight> entries)
    {
        JournalReader? reader = null;
        try
        {
            foreach (InFlight entry in entries)
            {
                await connection.Output.WhenDrained().ConfigureAwait(false);
                if (entry.State == InFlightState.AwaitsPubComp)
                    connection.SendAcknowledgement(PacketType.PubRel, entry.PacketId, ReasonCode.Success);
                else if (entry.Retained is { } retained)
                    WriteAgain(connection, entry, OutgoingMessage.FromRetained(retained));
                else
                    ResendFromJournal(connection, entry, ref reader);
            }
        }
        finally { reader?.Dispose(); }
        lock (Gate)
        {
            if (Connection == connection) _resending = false;
        }
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
                WriteAgain(connection, entry, records.Current);
                return;
            }
        }
        _broker.Statistics.AddDropped(); // retention was faster than the client
        lock (Gate) _inFlight.Remove(entry.PacketId);
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
