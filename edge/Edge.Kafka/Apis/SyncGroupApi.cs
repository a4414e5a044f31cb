using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>The leader's assignment goes in, each member's share comes out (key 14).</summary>
internal sealed class SyncGroupApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.SyncGroup;
    public short MinVersion => 0;
    public short MaxVersion => 5;
    public short FirstFlexible => 4;

    internal static SyncRequest Parse(ref KafkaReader reader, short version)
    {
        string group = reader.ReadString();
        int generation = reader.ReadInt32();
        string member = reader.ReadString();
        string? instance = version >= 3 ? reader.ReadNullableString() : null;
        string? type = version >= 5 ? reader.ReadNullableString() : null, name = version >= 5 ? reader.ReadNullableString() : null;
        int count = reader.ReadArrayLength(3);
        var assignments = new Dictionary<string, byte[]>(count, StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string id = reader.ReadString();
            assignments[id] = reader.ReadBytes();
            reader.SkipTags();
        }
        reader.SkipTags();
        return new(group, generation, member, instance, type, name, assignments);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        SyncResult result = await broker.Groups.SyncAsync(ParseBody(request), request.Aborted).ConfigureAwait(false);
        if (request.Version >= 1) response.WriteInt32(0);
        response.WriteError(result.Error);
        if (request.Version >= 5)
        {
            response.WriteNullableString(result.ProtocolType);
            response.WriteNullableString(result.ProtocolName);
        }
        response.WriteBytes(result.Assignment);
        response.WriteTags();
        return ApiResult.Respond;
    }

    private static SyncRequest ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version);
    }
}
