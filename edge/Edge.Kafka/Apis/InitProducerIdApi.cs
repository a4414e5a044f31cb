using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Kafka.Transactions;

namespace Edge.Kafka.Apis;

/// <summary>Gives an idempotent or transactional producer its id and epoch (key 22).</summary>
internal sealed class InitProducerIdApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.InitProducerId;
    public short MinVersion => 0;
    public short MaxVersion => 4;
    public short FirstFlexible => 2;

    internal sealed record Request(string? TransactionalId, int TransactionTimeoutMs, long ProducerId, short ProducerEpoch);

    internal static Request Parse(ref KafkaReader reader, short version)
    {
        string? transactionalId = reader.ReadNullableString();
        int timeoutMs = reader.ReadInt32();
        long producerId = version >= 3 ? reader.ReadInt64() : -1;
        short epoch = version >= 3 ? reader.ReadInt16() : (short)-1;
        reader.SkipTags();
        return new(transactionalId, timeoutMs, producerId, epoch);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        InitResult result;
        if (message.TransactionalId is { } id)
        {
            result = await broker.Transactions.InitAsync(id, message.TransactionTimeoutMs, message.ProducerId, message.ProducerEpoch).ConfigureAwait(false);
        }
        else
        {
            // As Kafka does: without a transactional id every request gets a fresh id, which is also how a producer recovers its epoch (KIP-360).
            long producerId = await broker.ProducerIds.NextAsync(request.Aborted).ConfigureAwait(false);
            result = producerId < 0 ? InitResult.Failed(ErrorCode.CoordinatorNotAvailable) : new(ErrorCode.None, producerId, 0);
        }
        response.WriteInt32(0);
        response.WriteError(TransactionErrors.For(result.Error, request.Version >= 4));
        response.WriteInt64(result.ProducerId);
        response.WriteInt16(result.Epoch);
        response.WriteTags();
        return ApiResult.Respond;
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version);
    }
}
