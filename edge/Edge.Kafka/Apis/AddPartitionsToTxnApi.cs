using Edge.Kafka.Protocol;
using Edge.Kafka.Server;
using Edge.Kafka.Transactions;

namespace Edge.Kafka.Apis;

/// <summary>Takes partitions into a producer's transaction (key 24): all of the request or none.</summary>
internal sealed class AddPartitionsToTxnApi(BrokerContext broker) : IKafkaApi
{
    public ApiKey Key => ApiKey.AddPartitionsToTxn;
    public short MinVersion => 0;
    public short MaxVersion => 3;
    public short FirstFlexible => 3;

    internal sealed record TopicWanted(string Name, List<int> Partitions);

    internal sealed record Request(string TransactionalId, long ProducerId, short ProducerEpoch, List<TopicWanted> Topics);

    internal static Request Parse(ref KafkaReader reader)
    {
        string id = reader.ReadString();
        long producerId = reader.ReadInt64();
        short epoch = reader.ReadInt16();
        int count = reader.ReadArrayLength(2);
        var topics = new List<TopicWanted>(count);
        for (int t = 0; t < count; t++)
        {
            topics.Add(new(reader.ReadString(), reader.ReadInt32Array()));
            reader.SkipTags();
        }
        reader.SkipTags();
        return new(id, producerId, epoch, topics);
    }

    public async ValueTask<ApiResult> HandleAsync(KafkaRequest request, KafkaWriter response)
    {
        Request message = ParseBody(request);
        List<TopicPartition> wanted = [.. message.Topics.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Name, p)))];
        HashSet<TopicPartition> unknown = [.. wanted.Where(p => !IsWritable(p))];
        ErrorCode error = unknown.Count > 0
            ? ErrorCode.OperationNotAttempted
            : await broker.Transactions.AddPartitionsAsync(message.TransactionalId, message.ProducerId, message.ProducerEpoch, wanted).ConfigureAwait(false);
        error = TransactionErrors.For(error, request.Version >= 2);
        response.WriteInt32(0);
        response.WriteArrayLength(message.Topics.Count);
        foreach (TopicWanted topic in message.Topics)
        {
            response.WriteString(topic.Name);
            response.WriteArrayLength(topic.Partitions.Count);
            foreach (int partition in topic.Partitions)
            {
                response.WriteInt32(partition);
                response.WriteError(unknown.Contains(new(topic.Name, partition)) ? ErrorCode.UnknownTopicOrPartition : error);
                response.WriteTags();
            }
            response.WriteTags();
        }
        response.WriteTags();
        return ApiResult.Respond;
    }

    private bool IsWritable(in TopicPartition wanted) => broker.TryGetPartition(wanted.Topic, wanted.Index, out Log.Topics.Partition partition) && !partition.Topic.IsInternal;

    private static Request ParseBody(KafkaRequest request)
    {
        KafkaReader reader = request.OpenBody();
        return Parse(ref reader);
    }
}
