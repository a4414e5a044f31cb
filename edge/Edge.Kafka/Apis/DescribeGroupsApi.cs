using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>State and members of groups (key 15). A group without members is Empty when it has offsets, else Dead, as with Kafka.</summary>
internal sealed class DescribeGroupsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.DescribeGroups;
    public short MinVersion => 0;
    public short MaxVersion => 5;
    public short FirstFlexible => 5;

    internal static List<string> Parse(ref KafkaReader reader, short version)
    {
        List<string> groups = reader.ReadStringArray();
        if (version >= 3) reader.ReadBool(); // authorised operations
        reader.SkipTags();
        return groups;
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        short version = request.Version;
        KafkaReader reader = request.OpenBody();
        List<string> groups = Parse(ref reader, version);
        if (version >= 1) response.WriteInt32(0);
        response.WriteArrayLength(groups.Count);
        foreach (string id in groups) WriteGroup(response, version, Describe(id));
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private DescribedGroup Describe(string id) => broker.Groups.TryDescribe(id, out DescribedGroup group)
        ? group
        : new(id, broker.Offsets.OfGroup(id).Count > 0 ? GroupState.Empty : GroupState.Dead, "", "", []);

    private static void WriteGroup(KafkaWriter response, short version, DescribedGroup group)
    {
        response.WriteError(ErrorCode.None);
        response.WriteString(group.GroupId);
        response.WriteString(group.State.ToString());
        response.WriteString(group.ProtocolType);
        response.WriteString(group.Protocol);
        response.WriteArrayLength(group.Members.Count);
        foreach (DescribedMember member in group.Members)
        {
            response.WriteString(member.MemberId);
            if (version >= 4) response.WriteNullableString(member.InstanceId);
            response.WriteString(member.ClientId);
            response.WriteString("/" + member.ClientHost); // Java's form of an address, which tools print
            response.WriteBytes(member.Metadata);
            response.WriteBytes(member.Assignment);
            response.WriteTags();
        }
        if (version >= 3) response.WriteInt32(int.MinValue);
        response.WriteTags();
    }
}
