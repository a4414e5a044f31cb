using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Groups;

internal sealed partial class ConsumerGroup
{
    /// <summary>Joins; completes when the generation is made. Null: the group is dead, take another.</summary>
    public Task<JoinResult>? Join(JoinRequest request)
    {
        lock (_lock)
        {
            if (State == GroupState.Dead) return null;
            if (!AreProtocolsFitting(request)) return Fail(ErrorCode.InconsistentGroupProtocol, request.MemberId);
            bool isKnownStatic = false;
            if (request.InstanceId is { } instance && _staticIds.TryGetValue(instance, out string? staticId))
            {
                if (request.MemberId.Length > 0 && request.MemberId != staticId) return Fail(ErrorCode.FencedInstanceId, request.MemberId);
                isKnownStatic = true;
                if (request.MemberId.Length == 0) return Replace(_members[staticId], request);
            }
            if (request.MemberId.Length == 0) return JoinNew(request);
            if (_expected.Remove(request.MemberId)) return Add(request, request.MemberId);
            if (!_members.TryGetValue(request.MemberId, out GroupMember? member) || (request.InstanceId is not null && !isKnownStatic))
                return Fail(ErrorCode.UnknownMemberId, request.MemberId);
            return Rejoin(member, request);
        }
    }

    private static Task<JoinResult> Fail(ErrorCode error, string memberId) => Task.FromResult(JoinResult.Failed(error, memberId));

    private bool AreProtocolsFitting(JoinRequest request)
    {
        if (request.ProtocolType.Length == 0 || request.Protocols.Count == 0) return false;
        if (_members.Count == 0) return true;
        if (request.ProtocolType != _protocolType) return false;
        return request.Protocols.Any(p => _members.Values.All(m => m.Id == request.MemberId || m.Protocols.Any(o => o.Name == p.Name)));
    }

    private Task<JoinResult> JoinNew(JoinRequest request)
    {
        if (_members.Count + _expected.Count >= _options.MaxGroupMembers) return Fail(ErrorCode.GroupMaxSizeReached, "");
        string prefix = request.InstanceId ?? request.ClientId;
        string id = $"{(prefix.Length > 200 ? prefix[..200] : prefix)}-{Guid.NewGuid()}";
        if (!request.SupportsMemberIdRequired || request.InstanceId is not null) return Add(request, id);
        _expected[id] = Now + (long)request.SessionTimeout.TotalMilliseconds;
        return Fail(ErrorCode.MemberIdRequired, id);
    }

    private Task<JoinResult> Add(JoinRequest request, string id)
    {
        if (_members.Count == 0) _protocolType = request.ProtocolType;
        var member = new GroupMember { Id = id, InstanceId = request.InstanceId, ClientId = request.ClientId, ClientHost = request.ClientHost };
        _members[id] = member;
        if (request.InstanceId is { } instance) _staticIds[instance] = id;
        Update(member, request);
        _leader ??= id;
        Task<JoinResult> joined = AwaitJoin(member);
        Rebalance();
        return joined;
    }

    /// <summary>A static member came back under its instance id: it gets a new member id, the old holder is fenced (KIP-345).</summary>
    private Task<JoinResult> Replace(GroupMember old, JoinRequest request)
    {
        string oldId = old.Id, newId = $"{request.InstanceId}-{Guid.NewGuid()}";
        bool isUnchanged = old.OffersSame(request.Protocols);
        _members.Remove(oldId);
        old.Joining?.TrySetResult(JoinResult.Failed(ErrorCode.FencedInstanceId, oldId));
        old.Syncing?.TrySetResult(SyncResult.Failed(ErrorCode.FencedInstanceId));
        (old.Joining, old.Syncing, old.Id) = (null, null, newId);
        (old.ClientId, old.ClientHost) = (request.ClientId, request.ClientHost);
        _members[newId] = old;
        _staticIds[request.InstanceId!] = newId;
        string? leaderBefore = _leader;
        if (_leader == oldId) _leader = newId;
        Update(old, request);
        if (State == GroupState.Stable && isUnchanged)
        {
            // No rebalance. A returning leader is told its old id leads, so that it does not try to assign again.
            return Task.FromResult(new JoinResult(ErrorCode.None, _generation, _protocolType, _protocol, leaderBefore ?? "", newId, []));
        }
        Task<JoinResult> joined = AwaitJoin(old);
        Rebalance();
        return joined;
    }

    private Task<JoinResult> Rejoin(GroupMember member, JoinRequest request)
    {
        bool isUnchanged = member.OffersSame(request.Protocols);
        Update(member, request);
        switch (State)
        {
            case GroupState.CompletingRebalance when isUnchanged: // its answer was lost
                return Task.FromResult(ResultFor(member));
            case GroupState.Stable when isUnchanged && member.Id != _leader:
                return Task.FromResult(ResultFor(member));
            default:
                Task<JoinResult> joined = AwaitJoin(member);
                Rebalance();
                return joined;
        }
    }

    private void Update(GroupMember member, JoinRequest request)
    {
        member.Protocols = request.Protocols;
        member.SessionTimeout = request.SessionTimeout;
        member.RebalanceTimeout = request.RebalanceTimeout;
        Touch(member);
    }

    private static Task<JoinResult> AwaitJoin(GroupMember member)
    {
        member.Joining?.TrySetResult(JoinResult.Failed(ErrorCode.RebalanceInProgress, member.Id)); // an older request of the same member
        member.Joining = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return member.Joining.Task;
    }

    /// <summary>Starts a rebalance, or goes on with the one under way.</summary>
    private void Rebalance()
    {
        if (State is GroupState.CompletingRebalance or GroupState.Stable or GroupState.Empty)
        {
            foreach (GroupMember member in _members.Values)
            {
                member.Syncing?.TrySetResult(SyncResult.Failed(ErrorCode.RebalanceInProgress));
                (member.Syncing, member.HasSynced) = (null, false);
            }
            long longest = _members.Count == 0 ? 0 : (long)_members.Values.Max(m => m.RebalanceTimeout).TotalMilliseconds;
            _phaseDeadline = Now + longest;
            _initialDelayUntil = State == GroupState.Empty ? Now + (long)_options.GroupInitialRebalanceDelay.TotalMilliseconds : 0;
            State = GroupState.PreparingRebalance;
        }
        MaybeCompleteJoin();
    }

    private void MaybeCompleteJoin()
    {
        if (State != GroupState.PreparingRebalance) return;
        long now = Now;
        if (_members.Count > 0 && now < _initialDelayUntil) return;
        bool isOver = now >= _phaseDeadline;
        if (!isOver && (_expected.Count > 0 || _members.Values.Any(m => m.Joining is null))) return;
        foreach (GroupMember member in _members.Values.Where(m => m.Joining is null && !m.IsStatic).ToArray()) Remove(member, "it did not join in time");
        if (_members.Count > 0 && _members.Values.All(m => m.Joining is null))
        {
            _phaseDeadline = now + (long)_members.Values.Max(m => m.RebalanceTimeout).TotalMilliseconds; // only absent static members: they have their session time-out
            return;
        }
        CompleteJoin(now);
    }

    private void CompleteJoin(long now)
    {
        _generation++;
        if (_members.Count == 0)
        {
            (State, _protocol, _leader) = (GroupState.Empty, "", null);
            return;
        }
        State = GroupState.CompletingRebalance;
        _phaseDeadline = now + (long)_members.Values.Max(m => m.RebalanceTimeout).TotalMilliseconds;
        _protocol = SelectProtocol();
        if (_leader is null || !_members.TryGetValue(_leader, out GroupMember? leader) || leader.Joining is null) _leader = _members.Values.First(m => m.Joining is not null).Id;
        KafkaLog.GroupGeneration(_logger, Id, _generation, _members.Count, _protocol);
        foreach (GroupMember member in _members.Values)
        {
            if (member.Joining is not { } joining) continue;
            member.Joining = null;
            Touch(member);
            joining.TrySetResult(ResultFor(member));
        }
    }

    private JoinResult ResultFor(GroupMember member)
    {
        List<JoinedMember> members = member.Id == _leader ? [.. _members.Values.Select(m => new JoinedMember(m.Id, m.InstanceId, m.MetadataOf(_protocol)))] : [];
        return new(ErrorCode.None, _generation, _protocolType, _protocol, _leader ?? "", member.Id, members);
    }

    /// <summary>Among the protocols that all offer, the one that most like best.</summary>
    private string SelectProtocol()
    {
        HashSet<string> common = [.. _members.Values.First().Protocols.Select(p => p.Name)];
        foreach (GroupMember member in _members.Values) common.IntersectWith(member.Protocols.Select(p => p.Name));
        var votes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (GroupMember member in _members.Values)
        {
            string? choice = member.Protocols.Select(p => p.Name).FirstOrDefault(common.Contains);
            if (choice is not null) votes[choice] = votes.GetValueOrDefault(choice) + 1;
        }
        return votes.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).Select(v => v.Key).FirstOrDefault() ?? "";
    }
}
