using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Kafka.Transactions;

namespace Edge.Kafka.Apis;

/// <summary>State of transactional ids (key 65).</summary>
internal sealed class DescribeTransactionsApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.DescribeTransactions;
    public short MinVersion => 0;
    public short MaxVersion => 0;
    public short FirstFlexible => 0;

    internal static List<string> Parse(ref KafkaReader reader)
    {
        List<string> ids = reader.ReadStringArray();
        reader.SkipTags();
        return ids;
    }

    public ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        KafkaReader reader = request.OpenBody();
        List<string> ids = Parse(ref reader);
        response.WriteInt32(0);
        response.WriteArrayLength(ids.Count);
        foreach (string id in ids)
        {
            bool isAllowed = request.Session.MayEverywhere(AclOperation.Subscribe), isKnown = broker.Transactions.TryGet(id, out TransactionMetadata metadata) && isAllowed;
            response.WriteError(isKnown ? ErrorCode.None : isAllowed ? ErrorCode.TransactionalIdNotFound : ErrorCode.TransactionalIdAuthorizationFailed);
            response.WriteString(id);
            response.WriteString(isKnown ? metadata.State.ToString() : "");
            response.WriteInt32(isKnown ? metadata.TimeoutMs : 0);
            response.WriteInt64(isKnown ? metadata.StartedMs : 0);
            response.WriteInt64(isKnown ? metadata.ProducerId : 0);
            response.WriteInt16(isKnown ? metadata.Epoch : (short)0);
            IGrouping<string, TopicPartition>[] topics = isKnown ? [.. metadata.Partitions.GroupBy(p => p.Topic)] : [];
            response.WriteArrayLength(topics.Length);
            foreach (IGrouping<string, TopicPartition> topic in topics)
            {
                response.WriteString(topic.Key);
                response.WriteInt32Array([.. topic.Select(p => p.Index)]);
                response.WriteTags();
            }
            response.WriteTags();
        }
        response.WriteTags();
        return new(ApiResult.Respond);
    }
}
