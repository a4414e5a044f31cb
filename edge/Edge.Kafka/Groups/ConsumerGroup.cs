using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Microsoft.Extensions.Logging;

namespace Edge.Kafka.Groups;

/// <summary>One consumer group of the classic protocol: who is in it, its generation, and what each member was given. Thread-safe.</summary>
/// <remarks>In memory only: after a restart members find themselves unknown and join again; offsets are durable. Source: KIP-62, KIP-345, KIP-394.</remarks>
internal sealed partial class ConsumerGroup
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GroupMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _staticIds = new(StringComparer.Ordinal); // instance id -> member id
    private readonly Dictionary<string, long> _expected = new(StringComparer.Ordinal);    // ids given out, not yet joined -> deadline
    private readonly KafkaOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private int _generation;
    private string? _leader;
    private string _protocolType = "";
    private string _protocol = "";

    /// <summary>End of waiting for joins (PreparingRebalance) or for syncs (CompletingRebalance); monotonic milliseconds.</summary>
    private long _phaseDeadline;

    /// <summary>The first generation waits until here for more members.</summary>
    private long _initialDelayUntil;

    public ConsumerGroup(string id, KafkaOptions options, TimeProvider timeProvider, ILogger logger)
    {
        (Id, _options, _timeProvider, _logger) = (id, options, timeProvider, logger);
    }

    public string Id { get; }

    private GroupState State { get; set; } = GroupState.Empty;

    private long Now => (long)_timeProvider.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Nobody is in it: the coordinator may forget it. Once true the group is dead and answers so.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            if (State == GroupState.Dead) return true;
            if (_members.Count > 0 || _expected.Count > 0) return false;
            State = GroupState.Dead;
            return true;
        }
    }

    public long SizeBytes
    {
        get
        {
            lock (_lock)
            {
                long size = 1024;
                foreach (GroupMember member in _members.Values) size += member.SizeBytes;
                return size;
            }
        }
    }

    public DescribedGroup Describe()
    {
        lock (_lock)
        {
            bool isStable = State == GroupState.Stable;
            var members = new List<DescribedMember>(_members.Count);
            foreach (GroupMember member in _members.Values)
            {
                members.Add(new(member.Id, member.InstanceId, member.ClientId, member.ClientHost,
                    isStable ? member.MetadataOf(_protocol) : [], isStable ? member.Assignment : []));
            }
            return new(Id, State, _protocolType, isStable ? _protocol : "", members);
        }
    }

    public ErrorCode Heartbeat(string memberId, string? instanceId, int generation)
    {
        lock (_lock)
        {
            if (State is GroupState.Dead or GroupState.Empty) return ErrorCode.UnknownMemberId;
            if (Check(memberId, instanceId, generation, out GroupMember member) is not ErrorCode.None and var error) return error;
            Touch(member);
            return State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    /// <summary>May this member commit offsets now? A commit counts as a sign of life.</summary>
    public ErrorCode CheckCommit(string memberId, string? instanceId, int generation)
    {
        lock (_lock)
        {
            bool isSimple = generation < 0 && memberId.Length == 0;
            if (_members.Count == 0 && isSimple) return ErrorCode.None;
            if (State is GroupState.Dead or GroupState.Empty) return generation >= 0 ? ErrorCode.IllegalGeneration : ErrorCode.UnknownMemberId;
            if (isSimple) return ErrorCode.UnknownMemberId;
            if (Check(memberId, instanceId, generation, out GroupMember member) is not ErrorCode.None and var error) return error;
            Touch(member);
            return State == GroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    public ErrorCode Leave(in LeavingMember leaving)
    {
        lock (_lock)
        {
            string id = leaving.MemberId;
            if (leaving.InstanceId is { } instance)
            {
                if (!_staticIds.TryGetValue(instance, out string? known)) return ErrorCode.UnknownMemberId;
                if (id.Length > 0 && id != known) return ErrorCode.FencedInstanceId;
                id = known;
            }
            if (_expected.Remove(id))
            {
                MaybeCompleteJoin();
                return ErrorCode.None;
            }
            if (!_members.TryGetValue(id, out GroupMember? member)) return ErrorCode.UnknownMemberId;
            Remove(member, "it left");
            Rebalance();
            return ErrorCode.None;
        }
    }

    /// <summary>Removes members that were not heard of in time and ends phases that took too long. Called by the coordinator's timer.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            long now = Now;
            List<string> late = [.. _expected.Where(e => e.Value <= now).Select(e => e.Key)];
            foreach (string id in late) _expected.Remove(id);
            bool hasLost = false;
            foreach (GroupMember member in _members.Values.Where(m => m.Joining is null && m.Syncing is null && m.Deadline <= now).ToArray())
            {
                Remove(member, $"no heartbeat for {member.SessionTimeout.TotalSeconds} s");
                hasLost = true;
            }
            if (hasLost) Rebalance();
            if (State == GroupState.PreparingRebalance) MaybeCompleteJoin();
            else if (State == GroupState.CompletingRebalance && now >= _phaseDeadline) DropWhoDidNotSync();
        }
    }

    private void DropWhoDidNotSync()
    {
        foreach (GroupMember member in _members.Values.Where(m => !m.HasSynced).ToArray()) Remove(member, "it did not sync in time");
        Rebalance();
    }

    private ErrorCode Check(string memberId, string? instanceId, int generation, out GroupMember member)
    {
        member = null!;
        if (instanceId is not null)
        {
            if (!_staticIds.TryGetValue(instanceId, out string? known)) return ErrorCode.UnknownMemberId;
            if (known != memberId) return ErrorCode.FencedInstanceId;
        }
        if (!_members.TryGetValue(memberId, out GroupMember? found)) return ErrorCode.UnknownMemberId;
        member = found;
        return generation == _generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    private void Touch(GroupMember member) => member.Deadline = Now + (long)member.SessionTimeout.TotalMilliseconds;

    private void Remove(GroupMember member, string reason)
    {
        _members.Remove(member.Id);
        if (member.InstanceId is { } instance && _staticIds.TryGetValue(instance, out string? id) && id == member.Id) _staticIds.Remove(instance);
        if (_leader == member.Id) _leader = null;
        member.Joining?.TrySetResult(JoinResult.Failed(ErrorCode.UnknownMemberId, member.Id));
        member.Syncing?.TrySetResult(SyncResult.Failed(ErrorCode.UnknownMemberId));
        KafkaLog.MemberRemoved(_logger, member.Id, Id, reason);
    }
}
