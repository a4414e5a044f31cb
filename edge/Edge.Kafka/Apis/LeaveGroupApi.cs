using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Members leave their group (key 13).</summary>
internal sealed class LeaveGroupApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.LeaveGroup;
    public short MinVersion => 0;
    public short MaxVersion => 5;
    public short FirstFlexible => 4;

    internal sealed record Request(string GroupId, List<LeavingMember> Members);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        string group = reader.ReadString();
        var members = new List<LeavingMember>();
        if (version <= 2)
        {
            members.Add(new(reader.ReadString(), null));
        }
        else
        {
            int count = reader.ReadArrayLength(3);
            for (int i = 0; i < count; i++)
            {
                members.Add(new(reader.ReadString(), reader.ReadNullableString()));
                if (version >= 5) reader.ReadNullableString(); // reason
                reader.SkipTags();
            }
        }
        reader.SkipTags();
        return new(group, members);
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        short version = request.Version;
        KafkaReader reader = request.OpenBody();
        Request message = Parse(ref reader, version);
        List<ErrorCode> errors = [.. message.Members.Select(m => broker.Groups.Leave(message.GroupId, m))];
        if (version >= 1) response.WriteInt32(0);
        response.WriteError(version <= 2 ? errors[0] : ErrorCode.None);
        if (version >= 3)
        {
            response.WriteArrayLength(errors.Count);
            for (int i = 0; i < errors.Count; i++)
            {
                response.WriteString(message.Members[i].MemberId);
                response.WriteNullableString(message.Members[i].InstanceId);
                response.WriteError(errors[i]);
                response.WriteTags();
            }
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }
}
