using Edge.Ingest;
using Edge.Kafka.Groups;
using Edge.Kafka.Transactions;
using Edge.Log;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging;

namespace Edge.Kafka.Server;

/// <summary>What the APIs work on.</summary>
internal sealed class BrokerContext
{
    public required KafkaOptions Options { get; init; }
    public required IngestPipeline Ingest { get; init; }
    public required TimeProvider TimeProvider { get; init; }
    public required ILogger Logger { get; init; }
    public required KafkaStatistics Statistics { get; init; }
    public required ByteBudget Budget { get; init; }
    public required OffsetStore Offsets { get; init; }
    public required GroupCoordinator Groups { get; init; }
    public required ProducerIdAllocator ProducerIds { get; init; }
    public required TransactionCoordinator Transactions { get; init; }

    public Journal Journal => Ingest.Journal;
    public string ClusterId => Options.ClusterId.Length > 0 ? Options.ClusterId : Journal.DeviceId;

    public bool TryGetPartition(string topicName, int index, out Partition partition)
    {
        partition = null!;
        if (!Journal.Topics.TryGet(topicName, out Topic topic) || topic.IsDeleted || (uint)index >= (uint)topic.Partitions.Count) return false;
        partition = topic.Partitions[index];
        return true;
    }
}
