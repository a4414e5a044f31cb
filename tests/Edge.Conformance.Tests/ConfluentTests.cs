using Confluent.Kafka;
using Xunit;

namespace Edge.Conformance.Tests;

/// <summary>Confluent.Kafka, with the librdkafka of its package.</summary>
[Collection("conformance")]
public sealed class ConfluentTests(ConformanceRun run)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Confluent_AllOperations_Work()
    {
        string client = $"Confluent.Kafka (librdkafka {Library.VersionString.Split('-')[0]})";
        var common = new ClientConfig { BootstrapServers = run.Bootstrap };
        foreach (CompressionType codec in Enum.GetValues<CompressionType>())
        {
            await run.RecordAsync(client, $"idempotent produce and consume, {codec}", async () =>
            {
                string topic = $"confluent-{codec}";
                using IProducer<Null, string> producer = new ProducerBuilder<Null, string>(new ProducerConfig(common) { EnableIdempotence = true, CompressionType = codec, LingerMs = 5 }).Build();
                DeliveryResult<Null, string>[] sent = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => producer.ProduceAsync(new TopicPartition(topic, 0), new() { Value = $"{i}" }))).WaitAsync(Patience);
                Assert.All(sent, r => Assert.Equal(PersistenceStatus.Persisted, r.Status));
                Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), ReadAll(common, topic, IsolationLevel.ReadUncommitted));
            });
        }
        await run.RecordAsync(client, "transactions: commit, abort, fence; read_committed", async () =>
        {
            const string topic = "confluent-tx";
            var config = new ProducerConfig(common) { TransactionalId = "confluent", LingerMs = 0 };
            using IProducer<Null, string> first = new ProducerBuilder<Null, string>(config).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
            using IProducer<Null, string> second = new ProducerBuilder<Null, string>(config).Build();
            first.InitTransactions(Patience);
            foreach ((string value, bool commits) in new[] { ("kept", true), ("dropped", false) })
            {
                first.BeginTransaction();
                await first.ProduceAsync(new TopicPartition(topic, 0), new() { Value = value }).WaitAsync(Patience);
                if (commits) first.CommitTransaction(Patience);
                else first.AbortTransaction(Patience);
            }
            first.BeginTransaction();
            await first.ProduceAsync(new TopicPartition(topic, 0), new() { Value = "fenced" }).WaitAsync(Patience);
            second.InitTransactions(Patience);
            Assert.True(Assert.ThrowsAny<KafkaException>(() => first.CommitTransaction(Patience)).Error.IsFatal);
            Assert.Equal(["kept"], ReadAll(common, topic, IsolationLevel.ReadCommitted));
        });
        await run.RecordAsync(client, "admin: create, describe configs, add partitions, delete", async () =>
        {
            using IAdminClient admin = new AdminClientBuilder(common).Build();
            await admin.CreateTopicsAsync([new() { Name = "confluent-admin", NumPartitions = 1, ReplicationFactor = 1 }]);
            await admin.CreatePartitionsAsync([new() { Topic = "confluent-admin", IncreaseTo = 3 }]);
            Assert.NotEmpty((await admin.DescribeConfigsAsync([new() { Type = Confluent.Kafka.Admin.ResourceType.Topic, Name = "confluent-admin" }]))[0].Entries);
            await admin.DeleteTopicsAsync(["confluent-admin"]);
        });
    }

    private static List<string> ReadAll(ClientConfig common, string topic, IsolationLevel isolation)
    {
        using IConsumer<Ignore, string> consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig(common) { GroupId = "confluent", EnablePartitionEof = true, EnableAutoCommit = false, IsolationLevel = isolation }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var values = new List<string>();
        while (true)
        {
            ConsumeResult<Ignore, string> result = consumer.Consume(Patience) ?? throw new TimeoutException("the partition's end was not reached");
            if (result.IsPartitionEOF) return values;
            values.Add(result.Message.Value);
        }
    }
}
