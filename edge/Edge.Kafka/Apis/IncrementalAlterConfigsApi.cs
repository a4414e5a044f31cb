using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Changes single settings of topics (key 44): what <c>kafka-configs --alter</c> sends.</summary>
internal sealed class IncrementalAlterConfigsApi(BrokerContext broker) : IKafkaApi
{
    private readonly ConfigChanges _changes = new(broker);

    public ApiKey Key => ApiKey.IncrementalAlterConfigs;
    public short MinVersion => 0;
    public short MaxVersion => 1;
    public short FirstFlexible => 1;

    internal static AlterConfigsRequest Parse(ref KafkaReader reader) => AlterConfigsRequest.Parse(ref reader, hasOperations: true);

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        return _changes.HandleAsync(request, Parse(ref reader), isWhole: false, response);
    }
}
