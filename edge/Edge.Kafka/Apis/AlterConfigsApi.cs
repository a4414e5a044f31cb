using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Replaces all settings of topics (key 33): what is not named goes back to its default.</summary>
internal sealed class AlterConfigsApi(BrokerContext broker) : IKafkaApi
{
    private readonly ConfigChanges _changes = new(broker);

    public ApiKey Key => ApiKey.AlterConfigs;
    public short MinVersion => 0;
    public short MaxVersion => 2;
    public short FirstFlexible => 2;

    internal static AlterConfigsRequest Parse(ref KafkaReader reader) => AlterConfigsRequest.Parse(ref reader, hasOperations: false);

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        return _changes.HandleAsync(request, Parse(ref reader), isWhole: true, response);
    }
}
