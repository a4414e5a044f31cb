using Edge.Kafka.Groups;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;

namespace Edge.Kafka.Apis;

/// <summary>Lets a producer's transaction commit the offsets of a group (key 25).</summary>
internal sealed class AddOffsetsToTxnApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.AddOffsetsToTxn;
    public short MinVersion => 0;
    public short MaxVersion => 3;
    public short FirstFlexible => 3;

    internal sealed record Request(string TransactionalId, long ProducerId, short ProducerEpoch, string GroupId);

    internal static Request Parse(ref KafkaReader reader)
    {
        var request = new Request(reader.ReadString(), reader.ReadInt64(), reader.ReadInt16(), reader.ReadString());
        reader.SkipTags();
        return request;
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        ErrorCode error = GroupCoordinator.IsValidGroupId(message.GroupId)
            ? await broker.Transactions.AddGroupAsync(message.TransactionalId, message.ProducerId, message.ProducerEpoch, message.GroupId).ConfigureAwait(false)
            : ErrorCode.InvalidGroupId;
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
