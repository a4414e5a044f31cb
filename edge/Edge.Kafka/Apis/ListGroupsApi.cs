using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>All groups: those with members, and those that only have offsets (key 16).</summary>
internal sealed class ListGroupsApi(BrokerContext broker) : IKafkaApi
{
    private const string Classic = "classic";

    public ApiKey Key => ApiKey.ListGroups;
    public short MinVersion => 0;
    public short MaxVersion => 5;
    public short FirstFlexible => 3;

    /// <param name="States">Empty = all.</param>
    internal sealed record Request(List<string> States, List<string> Types);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        List<string> states = version >= 4 ? reader.ReadStringArray() : [];
        List<string> types = version >= 5 ? reader.ReadStringArray() : [];
        reader.SkipTags();
        return new(states, types);
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        short version = request.Version;
        KafkaReader reader = request.OpenBody();
        Request message = Parse(ref reader, version);
        List<DescribedGroup> groups = [.. All().Where(g => IsWanted(g, message))];
        if (version >= 1) response.WriteInt32(0);
        response.WriteError(ErrorCode.None);
        response.WriteArrayLength(groups.Count);
        foreach (DescribedGroup group in groups)
        {
            response.WriteString(group.GroupId);
            response.WriteString(group.ProtocolType);
            if (version >= 4) response.WriteString(group.State.ToString());
            if (version >= 5) response.WriteString(Classic);
            response.WriteTags();
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private static bool IsWanted(DescribedGroup group, Request message) =>
        (message.States.Count == 0 || message.States.Contains(group.State.ToString(), StringComparer.OrdinalIgnoreCase))
        && (message.Types.Count == 0 || message.Types.Contains(Classic, StringComparer.OrdinalIgnoreCase));

    private List<DescribedGroup> All()
    {
        List<DescribedGroup> groups = broker.Groups.DescribeAll();
        HashSet<string> withMembers = [.. groups.Select(g => g.GroupId)];
        groups.AddRange(broker.Offsets.Groups().Where(id => !withMembers.Contains(id)).Select(id => new DescribedGroup(id, GroupState.Empty, "", "", [])));
        return groups;
    }
}
