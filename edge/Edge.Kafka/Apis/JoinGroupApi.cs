using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>A consumer joins its group (key 11) and waits for the others.</summary>
internal sealed class JoinGroupApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.JoinGroup;
    public short MinVersion => 0;
    public short MaxVersion => 7;
    public short FirstFlexible => 6;

    internal static JoinRequest Parse(ref KafkaReader reader, short version, string clientId, string clientHost)
    {
        string group = reader.ReadString();
        int sessionMs = reader.ReadInt32();
        int rebalanceMs = version >= 1 ? reader.ReadInt32() : sessionMs;
        string member = reader.ReadString();
        string? instance = version >= 5 ? reader.ReadNullableString() : null;
        string type = reader.ReadString();
        int count = reader.ReadArrayLength(3);
        var protocols = new List<GroupProtocol>(count);
        for (int i = 0; i < count; i++)
        {
            protocols.Add(new(reader.ReadString(), reader.ReadBytes()));
            reader.SkipTags();
        }
        reader.SkipTags();
        return new(group, TimeSpan.FromMilliseconds(sessionMs), TimeSpan.FromMilliseconds(Math.Max(rebalanceMs, 0)), member, instance, type, protocols, clientId, clientHost,
            version >= 4);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        JoinResult result = await broker.Groups.JoinAsync(ParseBody(request), request.Aborted).ConfigureAwait(false);
        Write(response, request.Version, result);
        return ApiResult.Respond;
    }

    private static JoinRequest ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version, request.Header.ClientId ?? "", request.Client.RemoteAddress);
    }

    internal static void Write(KafkaWriter response, short version, JoinResult result)
    {
        if (version >= 2) response.WriteInt32(0);
        response.WriteError(result.Error);
        response.WriteInt32(result.Generation);
        if (version >= 7)
        {
            response.WriteNullableString(result.ProtocolType);
            response.WriteNullableString(result.ProtocolName);
        }
        else
        {
            response.WriteString(result.ProtocolName ?? "");
        }
        response.WriteString(result.Leader);
        response.WriteString(result.MemberId);
        response.WriteArrayLength(result.Members.Count);
        foreach (JoinedMember member in result.Members)
        {
            response.WriteString(member.MemberId);
            if (version >= 5) response.WriteNullableString(member.InstanceId);
            response.WriteBytes(member.Metadata);
            response.WriteTags();
        }
        response.WriteTags();
    }
}
