using Confluent.Kafka;
using Xunit;

namespace Edge.Kafka.Tests.Interop;

/// <summary>Transactions with Confluent.Kafka, the client a downstream appliance forwards with.</summary>
public sealed class ConfluentTransactionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static IProducer<string, string> Producer(KafkaHarness harness, string id = "tx", int timeoutMs = 60_000) => new ProducerBuilder<string, string>(new ProducerConfig
    {
        BootstrapServers = harness.Bootstrap, TransactionalId = id, TransactionTimeoutMs = timeoutMs, LingerMs = 0, MessageTimeoutMs = Math.Min(timeoutMs, 60_000),
    }).Build();

    private static IConsumer<string, string> Consumer(KafkaHarness harness, IsolationLevel isolation, string group = "g") => new ConsumerBuilder<string, string>(new ConsumerConfig
    {
        BootstrapServers = harness.Bootstrap, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false, IsolationLevel = isolation, EnablePartitionEof = true,
    }).Build();

    /// <summary>All values of the partition up to its end as that isolation level sees it.</summary>
    private static List<string> ReadAll(KafkaHarness harness, string topic, IsolationLevel isolation)
    {
        using IConsumer<string, string> consumer = Consumer(harness, isolation);
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var values = new List<string>();
        DateTime end = DateTime.UtcNow + KafkaHarness.Deadline;
        while (DateTime.UtcNow < end)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not { } result) continue;
            if (result.IsPartitionEOF) return values;
            values.Add(result.Message.Value);
        }
        throw new TimeoutException("the partition's end was not reached");
    }

    private static async Task SendAsync(IProducer<string, string> producer, string topic, params string[] values)
    {
        await Task.WhenAll(values.Select(v => producer.ProduceAsync(topic, new() { Key = "k", Value = v }))).WaitAsync(Patience);
    }

    [Fact]
    public async Task ReadCommitted_CommittedAbortedAndOpen_SeesTheCommittedUpToTheOpen()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using IProducer<string, string> producer = Producer(harness), other = Producer(harness, "other");
        producer.InitTransactions(Patience);
        other.InitTransactions(Patience);
        producer.BeginTransaction();
        await SendAsync(producer, "t", "a1", "a2");
        producer.CommitTransaction(Patience);
        producer.BeginTransaction();
        await SendAsync(producer, "t", "b1", "b2");
        producer.AbortTransaction(Patience);
        producer.BeginTransaction();
        await SendAsync(producer, "t", "c1");
        producer.CommitTransaction(Patience);
        other.BeginTransaction();
        await SendAsync(other, "t", "d1");
        producer.BeginTransaction();
        await SendAsync(producer, "t", "e1");
        producer.CommitTransaction(Patience);
        Assert.Equal(["a1", "a2", "c1"], ReadAll(harness, "t", IsolationLevel.ReadCommitted));
        Assert.Equal(["a1", "a2", "b1", "b2", "c1", "d1", "e1"], ReadAll(harness, "t", IsolationLevel.ReadUncommitted));
        other.CommitTransaction(Patience);
        Assert.Equal(["a1", "a2", "c1", "d1", "e1"], ReadAll(harness, "t", IsolationLevel.ReadCommitted));
        Assert.Equal((4L, 1L), (harness.Server.Statistics.TransactionsCommitted, harness.Server.Statistics.TransactionsAborted));
    }

    [Fact]
    public async Task InitTransactions_SameIdAgain_FencesTheFirstAndAbortsItsTransaction()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using IProducer<string, string> first = Producer(harness), second = Producer(harness);
        first.InitTransactions(Patience);
        first.BeginTransaction();
        await SendAsync(first, "t", "lost");
        second.InitTransactions(Patience);
        KafkaException fenced = Assert.ThrowsAny<KafkaException>(() => first.CommitTransaction(Patience));
        Assert.True(fenced.Error.IsFatal, fenced.Error.ToString());
        second.BeginTransaction();
        await SendAsync(second, "t", "kept");
        second.CommitTransaction(Patience);
        Assert.Equal(["kept"], ReadAll(harness, "t", IsolationLevel.ReadCommitted));
    }

    [Fact]
    public async Task SendOffsetsToTransaction_CommitAndAbort_MoveTheGroupOrNot()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync("in");
        await harness.CreateTopicAsync("out");
        using IProducer<string, string> producer = Producer(harness);
        producer.InitTransactions(Patience);
        producer.BeginTransaction();
        await SendAsync(producer, "in", "1", "2", "3");
        producer.CommitTransaction(Patience);
        using IConsumer<string, string> consumer = Consumer(harness, IsolationLevel.ReadCommitted);
        consumer.Subscribe("in");
        DateTime end = DateTime.UtcNow + KafkaHarness.Deadline;
        int read = 0;
        while (read < 3)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { IsPartitionEOF: false }) read++;
            Assert.True(DateTime.UtcNow < end, "three records");
        }
        producer.BeginTransaction();
        await SendAsync(producer, "out", "6");
        producer.SendOffsetsToTransaction([new("in", 0, 2)], consumer.ConsumerGroupMetadata, Patience);
        producer.AbortTransaction(Patience);
        Assert.Equal(Offset.Unset, consumer.Committed([new("in", 0)], Patience)[0].Offset);
        producer.BeginTransaction();
        await SendAsync(producer, "out", "6");
        producer.SendOffsetsToTransaction([new("in", 0, 3)], consumer.ConsumerGroupMetadata, Patience);
        producer.CommitTransaction(Patience);
        Assert.Equal(3, consumer.Committed([new("in", 0)], Patience)[0].Offset.Value);
        Assert.Equal(["6"], ReadAll(harness, "out", IsolationLevel.ReadCommitted));
    }

    [Fact]
    public async Task Transaction_OpenForLongerThanItsTime_IsAbortedAndItsProducerFenced()
    {
        await using KafkaHarness harness = await KafkaHarness.StartAsync();
        await harness.CreateTopicAsync();
        using IProducer<string, string> producer = Producer(harness, timeoutMs: 1000);
        producer.InitTransactions(Patience);
        producer.BeginTransaction();
        await SendAsync(producer, "t", "late");
        await KafkaHarness.UntilAsync(() => harness.Server.Statistics.TransactionsTimedOut == 1, "the time-out");
        Assert.True(Assert.ThrowsAny<KafkaException>(() => producer.CommitTransaction(Patience)).Error.IsFatal);
        Assert.Empty(ReadAll(harness, "t", IsolationLevel.ReadCommitted));
    }

    [Fact]
    public async Task Transaction_BrokerRestartedInTheMiddle_GoesOnAndCommits()
    {
        string directory = KafkaHarness.CreateDirectory();
        try
        {
            int port;
            KafkaHarness first = await KafkaHarness.StartAsync(directory: directory);
            await first.CreateTopicAsync();
            port = first.Port;
            using IProducer<string, string> producer = Producer(first);
            producer.InitTransactions(Patience);
            producer.BeginTransaction();
            await SendAsync(producer, "t", "before");
            await first.DisposeAsync();
            await using KafkaHarness second = await KafkaHarness.StartAsync(directory: directory, port: port);
            Assert.Empty(ReadAll(second, "t", IsolationLevel.ReadCommitted));
            await SendAsync(producer, "t", "after");
            producer.CommitTransaction(Patience);
            Assert.Equal(["before", "after"], ReadAll(second, "t", IsolationLevel.ReadCommitted));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
