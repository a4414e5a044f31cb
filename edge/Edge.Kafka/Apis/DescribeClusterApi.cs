using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>The cluster of one (key 60).</summary>
internal sealed class DescribeClusterApi(BrokerContext broker) : IKafkaApi
{
    private const sbyte BrokerEndpoint = 1;

    public ApiKey Key => ApiKey.DescribeCluster;
    public short MinVersion => 0;
    public short MaxVersion => 1;
    public short FirstFlexible => 0;

    internal static sbyte Parse(ref KafkaReader reader, short version)
    {
        reader.ReadBool(); // authorised operations
        sbyte endpointType = version >= 1 ? reader.ReadInt8() : BrokerEndpoint;
        reader.SkipTags();
        return endpointType;
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        bool isBroker = Parse(ref reader, request.Version) == BrokerEndpoint;
        response.WriteInt32(0);
        response.WriteError(isBroker ? ErrorCode.None : ErrorCode.MismatchedEndpointType);
        response.WriteNullableString(isBroker ? null : "This is a broker's listener, not a controller's.");
        if (request.Version >= 1) response.WriteInt8(BrokerEndpoint);
        response.WriteString(broker.ClusterId);
        response.WriteInt32(broker.Options.NodeId);
        response.WriteArrayLength(isBroker ? 1 : 0);
        if (isBroker)
        {
            response.WriteInt32(broker.Options.NodeId);
            response.WriteString(request.Client.AdvertisedHost);
            response.WriteInt32(request.Client.AdvertisedPort);
            response.WriteNullableString(null);
            response.WriteTags();
        }
        response.WriteInt32(int.MinValue);
        response.WriteTags();
        return new(ApiResult.Respond);
    }
}
