using System.Buffers;
using System.IO.Pipelines;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;

namespace Edge.Mqtt.Connections;

/// <content>The read loop and the packets that are not PUBLISH.</content>
internal sealed partial class MqttConnection
{
    private const int MaxConnectBytes = 8 << 10;

    // A client that does not take its answers gets no more of its packets read.
    private const int MaxStagedBeforePause = 64 << 10;

    /// <summary>What the reader does after a stretch of packets.</summary>
    private enum Step : byte { NeedMore, Again, Resolve, AwaitTarget, WaitForRoom, WaitForAcks, Attach, FinishSubscribe, Close }

    private async Task ReadAsync()
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (IsClosing) return;
            Step step = Process(buffer, out long consumed);
            SequencePosition position = buffer.GetPosition(consumed);
            _input.AdvanceTo(position, step == Step.NeedMore ? buffer.End : position);
            if (IsClosing) return;
            IsHeldBack = step is Step.Resolve or Step.AwaitTarget or Step.WaitForRoom or Step.WaitForAcks;
            switch (step)
            {
                case Step.NeedMore:
                    if (result.IsCompleted) return;
                    break;
                case Step.Attach:
                    if (!await AttachAsync().ConfigureAwait(false)) return;
                    break;
                case Step.FinishSubscribe:
                    await FinishSubscribeAsync().ConfigureAwait(false);
                    break;
                case Step.Resolve:
                    await ResolveAsync().ConfigureAwait(false);
                    break;
                case Step.AwaitTarget:
                    await ((Task)_pendingTarget!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                case Step.WaitForRoom:
                    _broker.Statistics.AddBusyWait();
                    await _ingest.WaitForRoomAsync(_broker.Stopping).ConfigureAwait(false);
                    break;
                case Step.WaitForAcks:
                    await WhenAckRoom().ConfigureAwait(false);
                    break;
            }
            if (_quota is not null && _quota.Take(_readMessages, consumed) is var pause && pause > TimeSpan.Zero)
            {
                _broker.Statistics.AddThrottled();
                IsHeldBack = true;
                await Task.WhenAny(Task.Delay(pause, _broker.TimeProvider, _broker.Stopping), _closed!.Task).ConfigureAwait(false);
            }
            _readMessages = 0;
            if (IsHeldBack)
            {
                LastPacketAt = _broker.Now();
                IsHeldBack = false;
            }
            if (Output.StagedBytes > MaxStagedBeforePause) await Output.WhenDrained().ConfigureAwait(false);
        }
    }

    private Step Process(in ReadOnlySequence<byte> buffer, out long consumed)
    {
        if (!IsConnected && IsGarbage(buffer))
        {
            consumed = 0;
            _broker.Statistics.AddGarbage();
            Close(ReasonCode.MalformedPacket, tell: false);
            return Step.Close;
        }
        PacketCursor cursor = new(buffer, IsConnected ? _broker.Options.MaxPacketBytes : MaxConnectBytes);
        try
        {
            while (true)
            {
                if (IsClosing) return Step.Close;
                switch (cursor.Read())
                {
                    case FrameStatus.NeedMore: return Step.NeedMore;
                    case FrameStatus.Malformed:
                        // A length of five bytes is no MQTT at all: nothing is said to whoever sends it.
                        _broker.Statistics.AddMalformed();
                        Close(ReasonCode.MalformedPacket, tell: false);
                        return Step.Close;
                    case FrameStatus.TooLarge: return Fail(PacketFault.PacketTooLarge);
                }
                if (!IsConnected)
                {
                    if (!TryReadConnect(cursor.Type, cursor.Flags, cursor.Body)) return Step.Close;
                    cursor.Accept();
                    return Step.Attach;
                }
                Step step = cursor.Type switch
                {
                    PacketType.Publish => PublishRun(ref cursor),
                    PacketType.PubRel => ReleaseRun(ref cursor),
                    PacketType.PubRec => ReceivedRun(ref cursor),
                    _ => Dispatch(ref cursor),
                };
                if (step != Step.Again) return step;
            }
        }
        finally
        {
            consumed = cursor.Consumed;
            if (consumed > 0)
            {
                LastPacketAt = _broker.Now();
                _broker.Statistics.AddBytes(consumed);
            }
            cursor.Dispose();
            if (_answerNow)
            {
                _answerNow = false;
                SendAcks();
            }
        }
    }

    /// <summary>What does not begin as a CONNECT (HTTP, a TLS hello, noise) is not waited for.</summary>
    /// <remarks>MQTT 3.1 allows flags in a CONNECT's first byte; 0x16 0x03 is a TLS hello and no CONNECT is 3 bytes long.</remarks>
    private static bool IsGarbage(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsEmpty) return false;
        Span<byte> start = stackalloc byte[2];
        ReadOnlySequence<byte> front = buffer.Slice(0, Math.Min(2, buffer.Length));
        front.CopyTo(start);
        return start[0] >> 4 != (int)PacketType.Connect || (start[0] == 0x16 && front.Length == 2 && start[1] == 3);
    }

    private Step Dispatch(ref PacketCursor cursor)
    {
        PacketFault fault;
        ReadOnlySpan<byte> body = cursor.Body;
        switch (cursor.Type)
        {
            case PacketType.PubAck:
                fault = AcknowledgementPacket.TryParse(cursor.Type, cursor.Flags, body, _v5, out AcknowledgementPacket ack);
                if (fault == PacketFault.None) fault = _session!.OnPubAck(ack.PacketId);
                break;
            case PacketType.PubComp:
                fault = AcknowledgementPacket.TryParse(cursor.Type, cursor.Flags, body, _v5, out AcknowledgementPacket comp);
                if (fault == PacketFault.None) fault = _session!.OnPubComp(comp.PacketId);
                break;
            case PacketType.Subscribe:
            case PacketType.Unsubscribe:
                fault = cursor.Flags != 2 ? PacketFault.Malformed : Subscribe(body, cursor.Type == PacketType.Unsubscribe);
                if (fault != PacketFault.None || _subscribed is null) break;
                cursor.Accept();
                return Step.FinishSubscribe;
            case PacketType.PingReq:
                if (!body.IsEmpty)
                {
                    _broker.Statistics.AddMalformed();
                    Close(ReasonCode.MalformedPacket, tell: false);
                    return Step.Close;
                }
                fault = cursor.Flags != 0 ? PacketFault.Malformed : PacketFault.None;
                if (fault == PacketFault.None) Output.Write([(int)PacketType.PingResp << 4, 0]);
                break;
            case PacketType.Disconnect:
                fault = Disconnect(cursor.Flags, body);
                if (fault == PacketFault.None)
                {
                    cursor.Accept();
                    return Step.Close;
                }
                break;
            case 0:
                fault = PacketFault.Malformed;
                break;
            default: // a second CONNECT, AUTH without a method, and what only a server sends
                fault = PacketFault.ProtocolError;
                break;
        }
        if (fault != PacketFault.None) return Fail(fault);
        cursor.Accept();
        return Step.Again;
    }

    private PacketFault Disconnect(byte flags, ReadOnlySpan<byte> body)
    {
        if (flags != 0) return PacketFault.ProtocolError;
        BodyReader reader = new(body);
        byte reason = 0;
        if (!body.IsEmpty)
        {
            if (!_v5) return PacketFault.Malformed;
            _ = reader.TryTakeByte(out reason);
            if (!reader.Left.IsEmpty)
            {
                if (!PropertyReader.TryOpen(ref reader, PropertySet.Disconnect, out PropertyReader properties)) return PacketFault.Malformed;
                while (properties.MoveNext())
                {
                    if (properties.Id != PropertyId.SessionExpiryInterval) continue;
                    // A session that was to end with the connection cannot be given a longer life at its end.
                    if (_connect!.SessionExpirySeconds == 0 && properties.Number != 0) return PacketFault.ProtocolError;
                    _session!.ExpirySeconds = properties.Number;
                }
                if (properties.Fault != PacketFault.None) return properties.Fault;
                if (!reader.Left.IsEmpty) return PacketFault.Malformed;
            }
        }
        _withWill = reason == (byte)ReasonCode.DisconnectWithWill;
        Close(ReasonCode.Success, tell: false);
        return PacketFault.None;
    }

    /// <summary>Counts a broken packet and ends the connection.</summary>
    private Step Fail(PacketFault fault)
    {
        if (fault == PacketFault.Malformed) _broker.Statistics.AddMalformed();
        else _broker.Statistics.AddProtocolError();
        _broker.ReportBadPacket(_connect?.ClientId ?? "", Address, (ReasonCode)fault);
        Close((ReasonCode)fault);
        return Step.Close;
    }
}
