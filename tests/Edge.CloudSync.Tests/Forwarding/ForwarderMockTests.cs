using System.Text;
using Confluent.Kafka;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Edge.Log.Records;
using Edge.Log.Topics;
using Xunit;
using Partition = Edge.Log.Topics.Partition;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>The forwarder against librdkafka's mock cluster: normal work, and errors a real centre gives too rarely.</summary>
public sealed class ForwarderMockTests
{
    [Fact]
    public async Task Forward_ManyRecords_ArriveOnceInOrderWithProvenance()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("telemetry", 12);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry");
        await local.AppendAsync(topic, 20_000);
        await using SyncService service = await SyncRun.StartAsync(SyncRun.AtLeastOnce(centre.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(service);
        AuditReport report = await SyncRun.AuditAsync(centre.BootstrapServers, "telemetry");
        Assert.Equal(("ok", 20_000L), (report.Verdict, report.Delivered));
        Assert.Equal((SyncState.Forwarding, "at-least-once", 20_000L), (service.Status.State, service.Status.Delivery, service.Status.RecordsForwarded));
        foreach (var record in SyncRun.ReadAll(centre.BootstrapServers, "telemetry", 20_000))
        {
            int number = int.Parse(Encoding.UTF8.GetString(record.Message.Value!), System.Globalization.CultureInfo.InvariantCulture);
            string key = $"pi-7/key-{number % 10}";
            Assert.Equal(key, Encoding.UTF8.GetString(record.Message.Key!));
            Assert.Equal(Murmur2.Partition(Encoding.UTF8.GetBytes(key), 12), record.Partition.Value);
            Assert.Equal(LocalLog.StartMs + number, record.Message.Timestamp.UnixTimestampMs);
            Assert.Equal(("1", $"key-{number % 10}"), (SyncRun.Header(record, "mqtt.qos"), SyncRun.Header(record, "mqtt.topic")));
        }
    }

    [Fact]
    public async Task Forward_RecordsOfOtherKinds_KeepWhatTheyHave()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("things", 3);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("things", 1);
        Partition partition = topic.Partitions[0];
        await local.AppendOneAsync(partition, null, "no key"u8.ToArray());
        await local.AppendOneAsync(partition, "k"u8.ToArray(), null, new RecordHeader("h", null), new RecordHeader("h", []));
        await local.AppendOneAsync(partition, "other/k"u8.ToArray(), "hop"u8.ToArray(), new RecordHeader("edge.id", "other/0000000a/t/0/7/6"u8.ToArray()));
        await local.AppendOneAsync(partition, "other/k"u8.ToArray(), "hops"u8.ToArray(), new RecordHeader("edge.id", "other/0000000a/t/0/8/7"u8.ToArray()),
            new RecordHeader("edge.hop", "mid/0000000b/t/0/1/0"u8.ToArray()));
        await using SyncService service = await SyncRun.StartAsync(SyncRun.AtLeastOnce(centre.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(service);
        var records = SyncRun.ReadAll(centre.BootstrapServers, "things", 4);
        string log = local.Journal.LogId;
        var byValue = records.ToDictionary(record => record.Message.Value is { } value ? Encoding.UTF8.GetString(value) : "(null)");
        Assert.Equal("pi-7", Encoding.UTF8.GetString(byValue["no key"].Message.Key!));
        Assert.Equal($"pi-7/{log}/things/0/0/-1", SyncRun.Header(byValue["no key"], "edge.id"));
        Assert.Equal("pi-7/k", Encoding.UTF8.GetString(byValue["(null)"].Message.Key!));
        Assert.Null(byValue["(null)"].Message.Headers[0].GetValueBytes());
        Assert.Equal("other/k", Encoding.UTF8.GetString(byValue["hop"].Message.Key!));
        Assert.Equal("other/0000000a/t/0/7/6", SyncRun.Header(byValue["hop"], "edge.id"));
        Assert.Equal($"pi-7/{log}/things/0/2/1", SyncRun.Header(byValue["hop"], "edge.hop"));
        Assert.Equal($"mid/0000000b/t/0/1/0,pi-7/{log}/things/0/3/2", SyncRun.Header(byValue["hops"], "edge.hop"));
    }

    [Fact]
    public async Task Forward_CentreGoesAndComesBack_LosesNothingAndKeepsOrder()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("telemetry", 4);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry");
        await local.AppendAsync(topic, 5_000);
        await using SyncService service = await SyncRun.StartAsync(SyncRun.AtLeastOnce(centre.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(service);
        centre.SetDown();
        await local.AppendAsync(topic, 5_000, from: 5_000);
        await SyncRun.UntilAsync(service, status => status.State is SyncState.Waiting or SyncState.Probing);
        Assert.Equal(0, service.Status.RecordsInFlight); // no producer while it is away
        Assert.Equal(5_000, service.Status.BacklogRecords);
        Assert.NotNull(service.Status.OldestBacklog);
        centre.SetUp();
        await SyncRun.DrainedAsync(service);
        AuditReport report = await SyncRun.AuditAsync(centre.BootstrapServers, "telemetry");
        Assert.Equal((10_000L, 0L, 0L), (report.Delivered, report.Lost, report.Reordered));
    }

    [Theory]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData((ErrorCode)(-195))] // connection dropped without an answer
    [InlineData(ErrorCode.InvalidProducerIdMapping)]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber)]
    [InlineData(ErrorCode.ClusterAuthorizationFailed)]
    public async Task Forward_ProduceFails_LosesNothingAndKeepsOrder(ErrorCode error)
    {
        using var centre = new MockCluster();
        centre.CreateTopic("telemetry", 4);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry");
        await local.AppendAsync(topic, 5_000);
        centre.Fail(MockCluster.ProduceKey, ErrorCode.NoError, error, error, ErrorCode.NoError, error);
        await using SyncService service = await SyncRun.StartAsync(SyncRun.AtLeastOnce(centre.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(service);
        AuditReport report = await SyncRun.AuditAsync(centre.BootstrapServers, "telemetry");
        Assert.Equal((5_000L, 0L, 0L), (report.Delivered, report.Lost, report.Reordered));
    }

    [Fact]
    public async Task Forward_RecordTooLarge_BecomesAPointerAndBlocksNothing()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("telemetry", 4);
        centre.CreateTopic("edge.deadletter", 1);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry", 1);
        await local.AppendAsync(topic, 100);
        byte[] large = new byte[20_000];
        Array.Fill(large, (byte)'x');
        await local.AppendOneAsync(topic.Partitions[0], "big"u8.ToArray(), large);
        await local.AppendAsync(topic, 100, from: 100);
        SyncOptions options = SyncRun.AtLeastOnce(centre.BootstrapServers);
        options.MessageMaxBytes = 10_000;
        await using SyncService service = await SyncRun.StartAsync(options, local.Journal);
        await SyncRun.DrainedAsync(service);
        Assert.Equal(1, service.Status.RecordsDeadLettered);
        AuditReport report = await SyncRun.AuditAsync(centre.BootstrapServers, "telemetry");
        Assert.Equal(("ok", 201L, 1L), (report.Verdict, report.Delivered, report.DeadLettered));
        var pointer = Assert.Single(SyncRun.ReadAll(centre.BootstrapServers, "edge.deadletter", 1));
        Assert.Equal(("too-large", "pi-7/big"), (SyncRun.Header(pointer, "edge.reason"), Encoding.UTF8.GetString(pointer.Message.Key!)));
        using var json = System.Text.Json.JsonDocument.Parse(pointer.Message.Value);
        Assert.Equal((100, 20_000), (json.RootElement.GetProperty("offset").GetInt32(), json.RootElement.GetProperty("valueBytes").GetInt32()));
        Assert.Equal(large[..1024], json.RootElement.GetProperty("head").GetBytesFromBase64());
    }

    // What is refused as a batch is sent again one by one. Which records share a request is the client's choice, so the culprit itself is tested on Apache Kafka.
    [Fact]
    public async Task Forward_CentreRefusesSizes_LosesNothing()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("telemetry", 1);
        centre.CreateTopic("edge.deadletter", 1);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry", 1);
        await local.AppendAsync(topic, 1_000);
        centre.Fail(MockCluster.ProduceKey, ErrorCode.MsgSizeTooLarge, ErrorCode.MsgSizeTooLarge, ErrorCode.NoError, ErrorCode.MsgSizeTooLarge);
        await using SyncService service = await SyncRun.StartAsync(SyncRun.AtLeastOnce(centre.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(service);
        AuditReport report = await SyncRun.AuditAsync(centre.BootstrapServers, "telemetry");
        Assert.Equal((1_000L, 0L, 0L), (report.Delivered, report.Lost, report.Reordered));
    }

    [Fact]
    public async Task Forward_TopicMissingAndNotToBeMade_HoldsOnlyThatTopicBackUntilItIsThere()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("there", 2);
        await using var local = new LocalLog();
        Topic there = await local.CreateTopicAsync("there"), missing = await local.CreateTopicAsync("missing");
        await local.AppendAsync(missing, 500);
        await local.AppendAsync(there, 500);
        SyncOptions options = SyncRun.AtLeastOnce(centre.BootstrapServers);
        options.CreateTopics = false;
        await using SyncService service = await SyncRun.StartAsync(options, local.Journal);
        await SyncRun.UntilAsync(service, status => status.BacklogRecords == 500 && status.RecordsForwarded == 500);
        Assert.Contains("missing", service.Status.Partitions.First(partition => partition.PausedReason is not null).PausedReason, StringComparison.Ordinal);
        await local.AppendAsync(there, 500, from: 500);
        await SyncRun.UntilAsync(service, status => status.RecordsForwarded == 1000);
        centre.CreateTopic("missing", 2);
        await SyncRun.DrainedAsync(service);
        Assert.Equal(("ok", 500L), ((await SyncRun.AuditAsync(centre.BootstrapServers, "missing")).Verdict, (await SyncRun.AuditAsync(centre.BootstrapServers, "missing")).Delivered));
        Assert.All(service.Status.Partitions, partition => Assert.Null(partition.PausedReason));
    }

    [Fact]
    public async Task PauseResumeStopStart_Planned_RepeatsNothing()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("telemetry", 4);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry");
        Topic excluded = await local.CreateTopicAsync("private");
        await local.AppendAsync(excluded, 100);
        SyncOptions options = SyncRun.AtLeastOnce(centre.BootstrapServers);
        options.Exclude = ["priv*"];
        SyncService service = await SyncRun.StartAsync(options, local.Journal);
        for (int round = 0; round < 4; round++)
        {
            await local.AppendAsync(topic, 1_000, from: round * 1_000);
            if (round == 1)
            {
                await SyncRun.UntilAsync(service, status => status.RecordsForwarded > 0);
                service.Pause();
                await SyncRun.UntilAsync(service, status => status.State == SyncState.Paused);
                await local.AppendAsync(topic, 10, from: 100_000);
                Assert.True(service.Status.BacklogRecords >= 10);
                service.Resume();
            }
            if (round == 2)
            {
                await service.StopAsync(CancellationToken.None);
                service = await SyncRun.StartAsync(options, local.Journal);
            }
        }
        await SyncRun.DrainedAsync(service);
        await service.StopAsync(CancellationToken.None);
        AuditReport report = await SyncRun.AuditAsync(centre.BootstrapServers, "telemetry");
        Assert.Equal(("ok", 4_010L), (report.Verdict, report.Delivered));
        foreach (Partition partition in topic.Partitions) Assert.Equal(partition.HighWatermark, partition.RetentionFloor);
        foreach (Partition partition in excluded.Partitions) Assert.Equal(long.MaxValue, partition.RetentionFloor);
    }

    // The process dies: no drain, no last cursor. What was sent since the last durable cursor goes again; nothing is lost, nothing overtakes.
    [Fact]
    public async Task Stop_Abruptly_RepeatsASuffixAtMost()
    {
        using var centre = new MockCluster();
        centre.CreateTopic("telemetry", 4);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry");
        for (int round = 0; round < 5; round++)
        {
            await local.AppendAsync(topic, 3_000, from: round * 3_000);
            SyncService service = await SyncRun.StartAsync(SyncRun.AtLeastOnce(centre.BootstrapServers), local.Journal);
            await SyncRun.UntilAsync(service, status => status.RecordsForwarded > 500 * round);
            await service.StopAbruptlyAsync();
        }
        await using SyncService last = await SyncRun.StartAsync(SyncRun.AtLeastOnce(centre.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(last);
        AuditReport report = await SyncRun.AuditAsync(centre.BootstrapServers, "telemetry");
        Assert.Equal((15_000L, 0L, 0L), (report.Delivered, report.Lost, report.Reordered));
    }
}
