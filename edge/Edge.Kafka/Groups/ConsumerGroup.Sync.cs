using Edge.Kafka.Protocol;

namespace Edge.Kafka.Groups;

internal sealed partial class ConsumerGroup
{
    /// <summary>Brings the leader's assignment, or waits for it.</summary>
    public Task<SyncResult> Sync(SyncRequest request)
    {
        lock (_lock)
        {
            if (State is GroupState.Dead or GroupState.Empty) return Failed(ErrorCode.UnknownMemberId);
            if (Check(request.MemberId, request.InstanceId, request.Generation, out GroupMember member) is not ErrorCode.None and var error) return Failed(error);
            if ((request.ProtocolType is { } type && type != _protocolType) || (request.ProtocolName is { } name && name != _protocol))
                return Failed(ErrorCode.InconsistentGroupProtocol);
            Touch(member);
            if (State == GroupState.PreparingRebalance) return Failed(ErrorCode.RebalanceInProgress);
            if (State == GroupState.Stable) return Task.FromResult(AssignmentOf(member));
            member.HasSynced = true;
            if (member.Id == _leader)
            {
                Assign(request.Assignments);
                return Task.FromResult(AssignmentOf(member));
            }
            member.Syncing?.TrySetResult(SyncResult.Failed(ErrorCode.RebalanceInProgress));
            member.Syncing = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return member.Syncing.Task;
        }
    }

    private static Task<SyncResult> Failed(ErrorCode error) => Task.FromResult(SyncResult.Failed(error));

    private SyncResult AssignmentOf(GroupMember member) => new(ErrorCode.None, _protocolType, _protocol, member.Assignment);

    private void Assign(Dictionary<string, byte[]> assignments)
    {
        State = GroupState.Stable;
        foreach (GroupMember member in _members.Values)
        {
            member.Assignment = assignments.GetValueOrDefault(member.Id, []);
            if (member.Syncing is not { } syncing) continue;
            member.Syncing = null;
            Touch(member);
            syncing.TrySetResult(AssignmentOf(member));
        }
    }
}
