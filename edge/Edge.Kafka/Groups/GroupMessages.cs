using Edge.Kafka.Protocol;

namespace Edge.Kafka.Groups;

internal readonly record struct GroupProtocol(string Name, byte[] Metadata);

/// <param name="SupportsMemberIdRequired">From version 4 on a new member first gets its id and joins again with it (KIP-394).</param>
internal sealed record JoinRequest(
    string GroupId, TimeSpan SessionTimeout, TimeSpan RebalanceTimeout, string MemberId, string? InstanceId, string ProtocolType, List<GroupProtocol> Protocols,
    string ClientId, string ClientHost, bool SupportsMemberIdRequired);

internal readonly record struct JoinedMember(string MemberId, string? InstanceId, byte[] Metadata);

internal sealed record JoinResult(ErrorCode Error, int Generation, string? ProtocolType, string? ProtocolName, string Leader, string MemberId, IReadOnlyList<JoinedMember> Members)
{
    public static JoinResult Failed(ErrorCode error, string memberId) => new(error, -1, null, null, "", memberId, []);
}

internal sealed record SyncRequest(
    string GroupId, int Generation, string MemberId, string? InstanceId, string? ProtocolType, string? ProtocolName, Dictionary<string, byte[]> Assignments);

internal sealed record SyncResult(ErrorCode Error, string? ProtocolType, string? ProtocolName, byte[] Assignment)
{
    public static SyncResult Failed(ErrorCode error) => new(error, null, null, []);
}

internal readonly record struct LeavingMember(string MemberId, string? InstanceId);

internal sealed record DescribedMember(string MemberId, string? InstanceId, string ClientId, string ClientHost, byte[] Metadata, byte[] Assignment);

internal sealed record DescribedGroup(string GroupId, GroupState State, string ProtocolType, string Protocol, IReadOnlyList<DescribedMember> Members);
