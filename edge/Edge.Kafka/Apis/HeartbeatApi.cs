using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>A member's sign of life (key 12); the answer tells it of a rebalance.</summary>
internal sealed class HeartbeatApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.Heartbeat;
    public short MinVersion => 0;
    public short MaxVersion => 4;
    public short FirstFlexible => 4;

    internal sealed record Request(string GroupId, int Generation, string MemberId, string? InstanceId);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        string group = reader.ReadString();
        int generation = reader.ReadInt32();
        string member = reader.ReadString();
        string? instance = version >= 3 ? reader.ReadNullableString() : null;
        reader.SkipTags();
        return new(group, generation, member, instance);
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        Request message = Parse(ref reader, request.Version);
        if (request.Version >= 1) response.WriteInt32(0);
        response.WriteError(broker.Groups.Heartbeat(message.GroupId, message.MemberId, message.InstanceId, message.Generation));
        response.WriteTags();
        return new(ApiResult.Respond);
    }
}
