using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Commits or aborts a producer's transaction (key 26). Answered when all of it is durable.</summary>
internal sealed class EndTxnApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.EndTxn;
    public short MinVersion => 0;
    public short MaxVersion => 3;
    public short FirstFlexible => 3;

    internal sealed record Request(string TransactionalId, long ProducerId, short ProducerEpoch, bool IsCommit);

    internal static Request Parse(ref KafkaReader reader)
    {
        var request = new Request(reader.ReadString(), reader.ReadInt64(), reader.ReadInt16(), reader.ReadBool());
        reader.SkipTags();
        return request;
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        ErrorCode error = await broker.Transactions.EndAsync(message.TransactionalId, message.ProducerId, message.ProducerEpoch, message.IsCommit).ConfigureAwait(false);
        response.WriteInt32(0);
        response.WriteError(TransactionErrors.For(error, request.Version >= 2));
        response.WriteTags();
        return ApiResult.Respond;
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
