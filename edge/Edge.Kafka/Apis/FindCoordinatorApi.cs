using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Which broker coordinates a group or a transactional id (key 10): this one.</summary>
internal sealed class FindCoordinatorApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.FindCoordinator;
    public short MinVersion => 0;
    public short MaxVersion => 4;
    public short FirstFlexible => 3;

    internal sealed record Request(sbyte KeyType, List<string> Keys);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        var keys = new List<string>();
        sbyte type = 0;
        if (version <= 3) keys.Add(reader.ReadString());
        if (version >= 1) type = reader.ReadInt8();
        if (version >= 4) keys = reader.ReadStringArray();
        reader.SkipTags();
        return new(type, keys);
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        Request message = Parse(ref reader, request.Version);
        ErrorCode error = message.KeyType is 0 or 1 ? ErrorCode.None : ErrorCode.InvalidRequest;
        string? reason = error == ErrorCode.None ? null : $"Coordinator type {message.KeyType} is not known; 0 (group) and 1 (transaction) are.";
        if (request.Version >= 1) response.WriteInt32(0);
        if (request.Version >= 4)
        {
            response.WriteArrayLength(message.Keys.Count);
            foreach (string key in message.Keys)
            {
                response.WriteString(key);
                WriteNode(response, request.Client, error);
                response.WriteError(error);
                response.WriteNullableString(reason);
                response.WriteTags();
            }
        }
        else
        {
            response.WriteError(error);
            if (request.Version >= 1) response.WriteNullableString(reason);
            WriteNode(response, request.Client, error);
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }

    private void WriteNode(KafkaWriter response, ClientInfo client, ErrorCode error)
    {
        response.WriteInt32(error == ErrorCode.None ? broker.Options.NodeId : -1);
        response.WriteString(error == ErrorCode.None ? client.AdvertisedHost : "");
        response.WriteInt32(error == ErrorCode.None ? client.AdvertisedPort : -1);
    }
}
