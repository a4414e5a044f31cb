using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Gives an idempotent producer its id (key 22). Transactional ids are refused: no API of transactions is advertised.</summary>
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
        ErrorCode error = ErrorCode.None;
        long producerId = -1;
        if (message.TransactionalId is not null)
        {
            error = ErrorCode.UnsupportedVersion;
        }
        else
        {
            // As Kafka does: without a transactional id every request gets a fresh id, which is also how a producer recovers its epoch (KIP-360).
            producerId = await broker.ProducerIds.NextAsync(request.Aborted).ConfigureAwait(false);
            if (producerId < 0) error = ErrorCode.CoordinatorNotAvailable;
        }
        response.WriteInt32(0);
        response.WriteError(error);
        response.WriteInt64(producerId);
        response.WriteInt16(producerId < 0 ? (short)-1 : (short)0);
        response.WriteTags();
        return ApiResult.Respond;
    }

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader, request.Version);
    }
}
