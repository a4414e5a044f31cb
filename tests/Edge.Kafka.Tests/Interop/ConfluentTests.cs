using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Xunit;

namespace Edge.Kafka.Tests.Interop;

/// <summary>Confluent.Kafka, the client the forwarder uses, against the listener.</summary>
public sealed class ConfluentTests
{
    private static ProducerConfig Producer(KafkaHarness harness) => new() { BootstrapServers = harness.Bootstrap, EnableIdempotence = true, LingerMs = 5, Acks = Acks.All };

    private static ConsumerConfig Consumer(KafkaHarness harness, string group = "g") => new()
    {
        BootstrapServers = harness.Bootstrap, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false, SessionTimeoutMs = 10_000,
        EnablePartitionEof = false,
    };

    private static async Task ProduceAsync(KafkaHarness harness, string topic, int from, int count)
    {
        using IProducer<string, string> producer = new ProducerBuilder<string, string>(Producer(harness)).Build();
        var sent = new List<Task<DeliveryResult<string, string>>>();
        for (int i = from; i < from + count; i++) sent.Add(producer.ProduceAsync(topic, new() { Key = $"k{i % 10}", Value = $"{i}", Headers = [new Header("h", Encoding.UTF8.GetBytes($"{i}"))] }));
        foreach (DeliveryResult<string, string> result in await Task.WhenAll(sent).WaitAsync(KafkaHarness.Deadline)) Assert.Equal(PersistenceStatus.Persisted, result.Status);
    }

    private static List<ConsumeResult<string, string>> Take(IConsumer<string, string> consumer, int count)
    {
        var taken = new List<ConsumeResult<string, string>>();
        DateTime end = DateTime.UtcNow + KafkaHarness.Deadline;
        while (taken.Count < count)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } result) taken.Add(result);
            Assert.True(DateTime.UtcNow < end, $"{taken.Count} of {count} records came");
        }
        return taken;
    }

    [Fact]
    public async Task Produce_IdempotentToANewTopic_AllRecordsArePersistedInKeyOrder()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await ProduceAsync(harness, "readings", 0, 5000);
        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(Consumer(harness)).Build();
        consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset("readings", p, Offset.Beginning)));
        List<ConsumeResult<string, string>> records = Take(consumer, 5000);
        foreach (IGrouping<string, ConsumeResult<string, string>> key in records.GroupBy(r => r.Message.Key))
            Assert.Equal(key.Select(r => int.Parse(r.Message.Value)).Order(), key.Select(r => int.Parse(r.Message.Value)));
        Assert.All(records, r => Assert.Equal(r.Message.Value, Encoding.UTF8.GetString(r.Message.Headers.GetLastBytes("h"))));
        Assert.Equal(5000, harness.Server.Statistics.RecordsIn);
    }

    [Fact]
    public async Task Subscribe_CommittedOffsets_SurviveARestart()
    {
        string directory = KafkaHarness.CreateDirectory();
        try
        {
            await using (KafkaHarness harness = await KafkaHarness.StartAsync(directory: directory))
            {
                await ProduceAsync(harness, "readings", 0, 100);
                using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(Consumer(harness)).Build();
                consumer.Subscribe("readings");
                Take(consumer, 100);
                consumer.Commit();
                consumer.Close();
            }
            await using (KafkaHarness harness = await KafkaHarness.StartAsync(directory: directory))
            {
                await ProduceAsync(harness, "readings", 100, 20);
                using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(Consumer(harness)).Build();
                consumer.Subscribe("readings");
                Assert.Equal(Enumerable.Range(100, 20), Take(consumer, 20).Select(r => int.Parse(r.Message.Value)).Order());
                consumer.Close();
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Subscribe_SecondMember_SharesThePartitions()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync("readings", 4);
        using IConsumer<string, string> first = new ConsumerBuilder<string, string>(Consumer(harness)).Build();
        using IConsumer<string, string> second = new ConsumerBuilder<string, string>(Consumer(harness)).Build();
        first.Subscribe("readings");
        await PollUntilAsync([first], () => first.Assignment.Count == 4);
        second.Subscribe("readings");
        await PollUntilAsync([first, second], () => first.Assignment.Count == 2 && second.Assignment.Count == 2);
        second.Close();
        await PollUntilAsync([first], () => first.Assignment.Count == 4);
        first.Close();
    }

    private static async Task PollUntilAsync(IConsumer<string, string>[] consumers, Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow + KafkaHarness.Deadline;
        while (!condition())
        {
            foreach (IConsumer<string, string> consumer in consumers) consumer.Consume(TimeSpan.FromMilliseconds(50));
            Assert.True(DateTime.UtcNow < end, "the group did not settle");
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Admin_TopicsGroupsAndConfigs_Work()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = harness.Bootstrap }).Build();
        await admin.CreateTopicsAsync([new() { Name = "made", NumPartitions = 2, ReplicationFactor = 1, Configs = new() { ["retention.ms"] = "60000" } }]);
        CreateTopicsException again = await Assert.ThrowsAsync<CreateTopicsException>(() => admin.CreateTopicsAsync([new() { Name = "made", NumPartitions = 1 }]));
        Assert.Equal(ErrorCode.TopicAlreadyExists, again.Results[0].Error.Code);
        CreateTopicsException three = await Assert.ThrowsAsync<CreateTopicsException>(() => admin.CreateTopicsAsync([new() { Name = "other", ReplicationFactor = 3 }]));
        Assert.Equal(ErrorCode.InvalidReplicationFactor, three.Results[0].Error.Code);
        await admin.CreatePartitionsAsync([new() { Topic = "made", IncreaseTo = 5 }]);
        Assert.Equal(5, admin.GetMetadata("made", TimeSpan.FromSeconds(30)).Topics[0].Partitions.Count);
        List<DescribeConfigsResult> configs = await admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = "made" }]);
        Assert.Equal("60000", configs[0].Entries["retention.ms"].Value);
        await ProduceAsync(harness, "made", 0, 10);
        using (IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(Consumer(harness)).Build())
        {
            consumer.Subscribe("made");
            Take(consumer, 10);
            consumer.Commit();
            Assert.Contains(admin.ListGroups(TimeSpan.FromSeconds(30)), g => g.Group == "g" && g.State == "Stable");
            consumer.Close();
        }
        await admin.DeleteGroupsAsync(["g"]);
        await admin.DeleteTopicsAsync(["made"]);
        Assert.DoesNotContain(admin.GetMetadata(TimeSpan.FromSeconds(30)).Topics, t => t.Topic == "made");
    }

    [Fact]
    public async Task OffsetsForTimes_FindsTheFirstRecordNotBefore()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using (IProducer<Null, string> producer = new ProducerBuilder<Null, string>(Producer(harness)).Build())
        {
            for (int i = 0; i < 10; i++) await producer.ProduceAsync("t", new() { Value = "v", Timestamp = new(1_700_000_000_000 + i * 1000, TimestampType.CreateTime) });
        }
        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(Consumer(harness)).Build();
        List<TopicPartitionOffset> found = consumer.OffsetsForTimes([new("t", 0, new Timestamp(1_700_000_003_500, TimestampType.CreateTime))], TimeSpan.FromSeconds(30));
        Assert.Equal(4, found[0].Offset.Value);
        WatermarkOffsets ends = consumer.QueryWatermarkOffsets(new("t", 0), TimeSpan.FromSeconds(30));
        Assert.Equal((0L, 10L), (ends.Low.Value, ends.High.Value));
    }
}
