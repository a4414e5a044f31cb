using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Log.Records;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Publishing;
using Edge.Mqtt.Retained;
using Edge.Mqtt.Sessions;

namespace Edge.Mqtt.Connections;

/// <content>PUBLISH in: parsed in the pipe's own buffers and added to the open commit group, many packets per entry.</content>
internal sealed partial class MqttConnection
{
    // Bounds how long one connection holds the gather lock.
    private const int MaxRun = 512;
    private const int MaxCachedTopics = 256;

    private readonly Utf8Map<TopicEntry> _topics = new(MaxCachedTopics);
    private TopicEntry? _lastTopic;
    private TopicEntry?[]? _aliases;
    private byte[]? _unresolved;
    private Task<RouteTarget?>? _pendingTarget;

    // The last group this connection is told about; what needs no commit of its own is answered with it.
    private long _notifiedGroup = -1;
    private bool _hasInherited;
    private bool _answerNow;

    private Step PublishRun(ref PacketCursor cursor)
    {
        long nowMs = _broker.NowMs();
        int received = 0;
        Step step;
        using (Gather gather = _ingest.EnterGather())
        {
            do
            {
                step = Publish(cursor.Flags, cursor.Body, gather, nowMs);
                if (step != Step.Again) break;
                cursor.Accept();
                received++;
            }
            while (received < MaxRun && cursor.Read() == FrameStatus.Packet && cursor.Type == PacketType.Publish);
            _acks.Publish();
        }
        _readMessages += received;
        if (received > 0) _broker.Statistics.AddReceived(received);
        return step;
    }

    private Step Publish(int flags, ReadOnlySpan<byte> body, Gather gather, long nowMs)
    {
        int qos = (flags >> 1) & 3;
        if (qos == 3 || ((flags & 8) != 0 && qos == 0) || body.Length < 2) return Fail(PacketFault.Malformed);
        int topicBytes = BinaryPrimitives.ReadUInt16BigEndian(body), at = 2 + topicBytes;
        if (at + (qos > 0 ? 2 : 0) > body.Length) return Fail(PacketFault.Malformed);
        ReadOnlySpan<byte> topic = body.Slice(2, topicBytes);
        ushort packetId = 0;
        if (qos > 0)
        {
            packetId = BinaryPrimitives.ReadUInt16BigEndian(body[at..]);
            at += 2;
            if (packetId == 0) return Fail(PacketFault.ProtocolError);
        }
        MessageProperties properties = default;
        if (_v5)
        {
            if (at == body.Length) return Fail(PacketFault.Malformed);
            if (body[at] == 0) at++;
            else
            {
                BodyReader reader = new(body[at..]);
                PacketFault fault = MessageProperties.TryTake(ref reader, PropertySet.Publish, out properties);
                if (fault != PacketFault.None) return Fail(fault);
                at = body.Length - reader.Left.Length;
            }
        }
        TopicEntry? entry = _lastTopic;
        if (properties.HasTopicAlias)
        {
            Step alias = FindByAlias(topic, properties.TopicAlias, out entry);
            if (alias != Step.Again) return alias;
        }
        else if (entry is null || !topic.SequenceEqual(entry.Utf8))
        {
            entry = _topics.Find(topic);
            if (entry is null) return Unknown(topic);
            _lastTopic = entry;
        }
        if (entry!.AccessVersion != _broker.Access.Version) return Unknown(entry.Utf8);
        if (entry.Target is null) return RefuseTopic(entry, qos, packetId);
        RouteTarget target = entry.Target;
        if (target.IsStale) return Unknown(entry.Utf8);
        if (qos > 0 && IsWindowFull(qos) is var full && full != Step.Again) return full;

        ReadOnlySpan<byte> payload = body[at..];
        if (target.DependsOnPayload)
        {
            if (!TryResolveWithPayload(target, payload, out RouteTarget? resolved)) return Step.AwaitTarget;
            if (resolved is null) return RefuseTopic(entry, qos, packetId);
            target = resolved;
        }
        if (qos == 2 && TryRepeat(gather, flags, packetId, topic, payload, out Step repeat)) return repeat;
        bool retain = (flags & 1) != 0;
        ref readonly (byte[] Encoded, int Count) headers = ref entry.Headers(qos);
        IngestStatus status = retain || !properties.IsPlain || target.Format is not null
            ? AddWithHeaders(gather, entry, target, qos, retain, properties, payload, nowMs)
            : gather.TryAdd(target.Partition, nowMs, target.HasKey, target.Key, true, payload, headers.Count, headers.Encoded);
        if (status != IngestStatus.Ok)
        {
            if (qos == 2) Forget(packetId);
            return RefuseMessage(status, entry, qos, packetId);
        }
        if (qos == 0) return Step.Again;
        if (qos == 2) _session!.Received.Keep(gather, packetId);
        long group = gather.Group;
        if (group != _notifiedGroup)
        {
            gather.Notify(this);
            _notifiedGroup = group;
        }
        _acks.Append(new PendingAck(group, packetId, qos == 1 ? PacketType.PubAck : PacketType.PubRec,
            _v5 && qos == 1 && !HasSubscribers(entry) ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success));
        return Step.Again;
    }

    /// <summary>A topic met for the first time: checked, then looked up outside the gather scope.</summary>
    private Step Unknown(ReadOnlySpan<byte> topic)
    {
        if (topic.Length > _broker.Options.MaxTopicBytes || topic.Count((byte)'/') >= _broker.Options.MaxTopicLevels) return Fail(PacketFault.TopicNameInvalid);
        if (!MqttText.IsTopicName(topic, _broker.Options.MaxTopicBytes, _broker.Options.MaxTopicLevels)) return Fail(PacketFault.Malformed);
        _unresolved = topic.ToArray();
        return Step.Resolve;
    }

    private async ValueTask ResolveAsync()
    {
        byte[] utf8 = _unresolved!;
        string text = Encoding.UTF8.GetString(utf8);
        int version = _broker.Access.Version;
        bool isDenied = !_broker.Access.MayPublish(_connect!.UserName ?? "", _connect.ClientId, text);
        RouteTarget? target = isDenied || IsReserved(text)
            ? null
            : await _broker.Routes.ResolveAsync(text, _connect.ClientId, _connect.UserName ?? "", _broker.Stopping).ConfigureAwait(false);
        TopicEntry entry = new(utf8, text, target, _connect.ClientId, _connect.UserName, version, isDenied);
        _topics.Set(utf8, entry);
        _lastTopic = entry;
        if (_aliases is null) return;
        for (int i = 0; i < _aliases.Length; i++)
            if (_aliases[i] is { } alias && alias.Text == text) _aliases[i] = entry; // what it replaces was stale
    }

    /// <returns>False when the topic has to be made first; <see cref="_pendingTarget"/> is awaited then, and the packet read again.</returns>
    private bool TryResolveWithPayload(RouteTarget target, ReadOnlySpan<byte> payload, out RouteTarget? resolved)
    {
        if (_pendingTarget is { IsCompleted: true } made)
        {
            _pendingTarget = null;
            resolved = made.IsCompletedSuccessfully ? made.Result : null;
            return true;
        }
        ValueTask<RouteTarget?> resolving = _broker.Routes.ResolveWithPayload(target, new ReadOnlySequence<byte>(payload.ToArray()), _broker.Stopping);
        if (resolving.IsCompletedSuccessfully)
        {
            resolved = resolving.Result;
            return true;
        }
        _pendingTarget = resolving.AsTask();
        resolved = null;
        return false;
    }

    private Step FindByAlias(ReadOnlySpan<byte> topic, int alias, out TopicEntry? entry)
    {
        entry = null;
        if (alias is 0 or > MqttOptions.TopicAliasMaximum) return Fail(PacketFault.TopicAliasInvalid);
        _aliases ??= new TopicEntry?[MqttOptions.TopicAliasMaximum + 1];
        if (topic.IsEmpty)
        {
            entry = _aliases[alias];
            return entry is null ? Fail(PacketFault.ProtocolError) : Step.Again;
        }
        entry = _topics.Find(topic);
        if (entry is null) return Unknown(topic);
        _aliases[alias] = entry;
        return Step.Again;
    }

    /// <summary>Topics that belong to the broker. The connection state of a bridge is what others may set.</summary>
    private static bool IsReserved(string topic) => topic.StartsWith('$')
        && (topic.StartsWith("$share/", StringComparison.Ordinal) || topic.StartsWith("$CONTROL/", StringComparison.Ordinal)
            || topic.StartsWith("$replay/", StringComparison.Ordinal)
            || (topic.StartsWith("$SYS/", StringComparison.Ordinal) && !SubscriptionMatchesBridgeState(topic)));

    private static bool SubscriptionMatchesBridgeState(string topic) => Subscriptions.SubscriptionTrie.Matches("$SYS/broker/connection/+/state", topic);

    private bool HasSubscribers(TopicEntry entry)
    {
        int version = _broker.Trie.Version;
        if (entry.SubscriptionVersion != version)
        {
            entry.HasSubscribers = _broker.Trie.Count > 0 && !_broker.Trie.Match(entry.Text).IsEmpty;
            entry.SubscriptionVersion = version;
        }
        return entry.HasSubscribers;
    }

    private Step IsWindowFull(int qos)
    {
        int unanswered = _acks.Count;
        if (unanswered + 256 < _broker.Options.ReceiveMaximum && qos == 1) return Step.Again;
        unanswered += _session!.Received.Count;
        if (unanswered < _broker.Options.ReceiveMaximum) return Step.Again;
        return _v5 ? Fail(PacketFault.ReceiveMaximumExceeded) : Step.WaitForAcks;
    }

    /// <summary>QoS 2: an id that is not released yet is the same message again, whatever it holds.</summary>
    private bool TryRepeat(Gather gather, int flags, ushort packetId, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, out Step step)
    {
        step = Step.Again;
        uint checksum = Crc32C.Compute(topic) * 31 + Crc32C.Compute(payload);
        if (_session!.Received.TryAdd(packetId, checksum, (flags & 8) != 0, out bool isLoop)) return false;
        if (isLoop)
        {
            step = Fail(PacketFault.ProtocolError);
            return true;
        }
        _broker.Statistics.AddDuplicate();
        if (_hasInherited)
        {
            // The message came over an earlier connection and may still be on its way to the disk: groups commit in order, so this one's end is its end too.
            _hasInherited = false;
            gather.Notify(this);
            _notifiedGroup = gather.Group;
        }
        AnswerNow(PacketType.PubRec, packetId, ReasonCode.Success);
        return true;
    }

    /// <summary>PUBREL packets: the ids are taken out of what is kept, many in one commit group, and PUBCOMP waits for it.</summary>
    private Step ReleaseRun(ref PacketCursor cursor)
    {
        Step step = Step.Again;
        int released = 0;
        using Gather gather = _ingest.EnterGather();
        do
        {
            PacketFault fault = AcknowledgementPacket.TryParse(cursor.Type, cursor.Flags, cursor.Body, _v5, out AcknowledgementPacket release);
            if (fault != PacketFault.None)
            {
                step = Fail(fault);
                break;
            }
            if (!_session!.Received.Release(gather, release.PacketId)) AnswerNow(PacketType.PubComp, release.PacketId, ReasonCode.Success);
            else
            {
                long group = gather.Group;
                if (group != _notifiedGroup)
                {
                    gather.Notify(this);
                    _notifiedGroup = group;
                }
                _acks.Append(new PendingAck(group, release.PacketId, PacketType.PubComp, ReasonCode.Success));
            }
            cursor.Accept();
        }
        while (++released < MaxRun && cursor.Read() == FrameStatus.Packet && cursor.Type == PacketType.PubRel);
        _acks.Publish();
        return step;
    }

    /// <summary>PUBREC packets: PUBREL goes out when the state is on disk, many in one commit.</summary>
    private Step ReceivedRun(ref PacketCursor cursor)
    {
        List<(ushort, ReasonCode)> answers = [];
        Step step = Step.Again;
        do
        {
            PacketFault fault = AcknowledgementPacket.TryParse(cursor.Type, cursor.Flags, cursor.Body, _v5, out AcknowledgementPacket received);
            bool answer = false;
            ReasonCode reason = ReasonCode.Success;
            if (fault == PacketFault.None) fault = _session!.OnPubRec(received.PacketId, received.Reason, out answer, out reason);
            if (fault != PacketFault.None)
            {
                step = Fail(fault);
                break;
            }
            if (answer) answers.Add((received.PacketId, reason));
            cursor.Accept();
        }
        while (answers.Count < MaxRun && cursor.Read() == FrameStatus.Packet && cursor.Type == PacketType.PubRec);
        if (answers.Count > 0) _session!.AnswerReceived(this, answers);
        return step;
    }

    private void Forget(ushort packetId) => _session!.Received.Forget(packetId);

    /// <summary>Queues an answer that needs no commit of its own, behind the ones before it.</summary>
    private void AnswerNow(PacketType type, ushort packetId, ReasonCode reason)
    {
        _acks.Append(new PendingAck(_notifiedGroup, packetId, type, reason));
        _answerNow = true;
    }

    private IngestStatus AddWithHeaders(Gather gather, TopicEntry entry, RouteTarget target, int qos, bool retain, in MessageProperties properties,
        ReadOnlySpan<byte> payload, long nowMs)
    {
        ref readonly (byte[] Encoded, int Count) fixedHeaders = ref entry.Headers(qos);
        byte[] buffer = HeaderWriter.Rent(fixedHeaders.Encoded, retain, properties, nowMs, out int length, out int added);
        try
        {
            ReadOnlySpan<byte> headers = buffer.AsSpan(0, length);
            IngestStatus status = target.Format is { } format
                ? FormattedPublish.Add(_broker.Routes, gather, target, format, entry.Text, payload, nowMs, fixedHeaders.Count + added, headers)
                : gather.TryAdd(target.Partition, nowMs, target.HasKey, target.Key, true, payload, fixedHeaders.Count + added, headers);
            if (status != IngestStatus.Ok || !retain) return status;
            RetainedMessage? message = payload.IsEmpty
                ? null
                : new RetainedMessage(entry.Text, entry.Utf8, (byte)qos, nowMs, fixedHeaders.Count + added, headers.ToArray(), payload.ToArray());
            if (!_broker.Retained.TryStage(gather, entry.Text, entry.Utf8, message)) _broker.Statistics.AddRetainedRefused();
            return status;
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    private Step RefuseTopic(TopicEntry entry, int qos, ushort packetId)
    {
        bool reserved = entry.IsDenied || IsReserved(entry.Text);
        if (entry.IsDenied) _broker.Statistics.AddDenied();
        if (!reserved) _broker.Statistics.AddUnrouted();
        _broker.Statistics.AddRefused();
        if (qos == 0) return Step.Again;
        ReasonCode reason = reserved ? ReasonCode.NotAuthorized : ReasonCode.TopicNameInvalid;
        _broker.ReportRefusedTopic(_connect!.ClientId, entry.Text, reason);
        return RefuseWith(reason, qos, packetId);
    }

    private Step RefuseMessage(IngestStatus status, TopicEntry entry, int qos, ushort packetId)
    {
        switch (status)
        {
            case IngestStatus.Busy: return Step.WaitForRoom;
            case IngestStatus.InvalidTopic: return Unknown(entry.Utf8);
            case IngestStatus.TooLarge:
                _broker.Statistics.AddRefused();
                return Fail(PacketFault.PacketTooLarge);
        }
        _broker.Statistics.AddRefused();
        if (qos == 0) return Step.Again;
        return RefuseWith(status == IngestStatus.LogFull ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError, qos, packetId);
    }

    /// <summary>MQTT 5 names the reason; 3.1.1 has no word for "no" but the end of the connection: an acknowledgement would be a lie.</summary>
    private Step RefuseWith(ReasonCode reason, int qos, ushort packetId)
    {
        if (!_v5)
        {
            Close(reason);
            return Step.Close;
        }
        AnswerNow(qos == 1 ? PacketType.PubAck : PacketType.PubRec, packetId, reason);
        return Step.Again;
    }
}
