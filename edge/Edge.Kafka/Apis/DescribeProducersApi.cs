using Edge.Catalog.Users;
using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Log.Topics;
using Edge.Log.Transactions;

namespace Edge.Kafka.Apis;

/// <summary>Producers a partition remembers, and which of them has a transaction open (key 61).</summary>
internal sealed class DescribeProducersApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.DescribeProducers;
    public short MinVersion => 0;
    public short MaxVersion => 0;
    public short FirstFlexible => 0;

    internal sealed record TopicWanted(string Name, List<int> Partitions);

    internal static List<TopicWanted> Parse(ref KafkaReader reader)
    {
        int count = reader.ReadArrayLength(2);
        var topics = new List<TopicWanted>(count);
        for (int t = 0; t < count; t++)
        {
            topics.Add(new(reader.ReadString(), reader.ReadInt32Array()));
            reader.SkipTags();
        }
        reader.SkipTags();
        return topics;
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        List<TopicWanted> topics = ParseBody(request);
        response.WriteInt32(0);
        response.WriteArrayLength(topics.Count);
        foreach (TopicWanted topic in topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (int index in topic.Partitions)
            {
                ErrorCode access = Access.Find(broker, request, AclOperation.Subscribe, topic.Name, index, out Partition partition);
                bool isKnown = access == ErrorCode.None;
                response.WriteInt32(index);
                response.WriteError(access);
                response.WriteNullableString(isKnown ? null : $"Partition {index} of topic '{topic.Name}' does not exist, or may not be read.");
                WriteProducers(response, isKnown ? partition.OpenTransactions() : [], isKnown ? await partition.ProducersAsync().ConfigureAwait(false) : []);
                response.WriteTags();
            }
            response.WriteTags();
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    private void WriteProducers(KafkaWriter response, IReadOnlyList<OpenTransaction> open, IReadOnlyList<ActiveProducer> producers)
    {
        response.WriteArrayLength(producers.Count);
        foreach (ActiveProducer producer in producers)
        {
            long first = -1;
            foreach (OpenTransaction transaction in open)
                if (transaction.ProducerId == producer.ProducerId) first = transaction.FirstOffset;
            response.WriteInt64(producer.ProducerId);
            response.WriteInt32(producer.ProducerEpoch);
            response.WriteInt32(producer.LastSequence);
            response.WriteInt64(producer.LastTimestampMs);
            response.WriteInt32(first < 0 ? -1 : broker.Journal.Epoch);
            response.WriteInt64(first);
            response.WriteTags();
        }
    }

    private static List<TopicWanted> ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
