using Edge.Testing.Centres;
using Confluent.Kafka;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Edge.Log.Topics;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>The forwarder against Apache Kafka.</summary>
public sealed class ForwarderKafkaTests(ITestOutputHelper output)
{
    [KafkaFact]
    public async Task Forward_ForwarderAndBrokerKilledMidWay_LosesNothingAndKeepsOrder()
    {
        using var kafka = new KafkaCluster();
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry");
        SyncOptions options = SyncRun.AtLeastOnce(kafka.BootstrapServers);
        for (int round = 0; round < 4; round++)
        {
            await local.AppendAsync(topic, 20_000, from: round * 20_000);
            SyncService service = await SyncRun.StartAsync(options, local.Journal);
            await SyncRun.UntilAsync(service, status => status.RecordsForwarded > 0);
            if (round == 2)
            {
                kafka.Kill();
                await local.AppendAsync(topic, 1_000, from: 1_000_000);
                kafka.StartAgain();
            }
            await service.StopAbruptlyAsync();
        }
        await using SyncService last = await SyncRun.StartAsync(options, local.Journal);
        await SyncRun.DrainedAsync(last);
        AuditReport report = await SyncRun.AuditAsync(kafka.BootstrapServers, "telemetry");
        output.WriteLine($"delivered {report.Delivered}, twice {report.Duplicated}, read in {report.Elapsed}");
        Assert.Equal((81_000L, 0L, 0L), (report.Delivered, report.Lost, report.Reordered));
    }

    // The centre takes smaller records than Sync:MessageMaxBytes says: only the record refused alone becomes a pointer, everything around it arrives.
    [KafkaFact]
    public async Task Forward_CentreRefusesOneRecordForItsSize_OnlyThatOneBecomesAPointer()
    {
        using var kafka = new KafkaCluster();
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build())
            await admin.CreateTopicsAsync([new() { Name = "telemetry", NumPartitions = 1, Configs = new() { ["max.message.bytes"] = "10000" } }]);
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry", 1);
        await local.AppendAsync(topic, 100);
        byte[] large = new byte[20_000];
        new Random(1).NextBytes(large); // does not compress
        await local.AppendOneAsync(topic.Partitions[0], "big"u8.ToArray(), large);
        await local.AppendAsync(topic, 100, from: 100);
        await using SyncService service = await SyncRun.StartAsync(SyncRun.AtLeastOnce(kafka.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(service);
        AuditReport report = await SyncRun.AuditAsync(kafka.BootstrapServers, "telemetry");
        AuditRow row = Assert.Single(report.Rows);
        output.WriteLine($"twice {row.Duplicated}");
        Assert.Equal((201L, 1L, 0L, 0L), (row.Delivered, row.DeadLettered, row.Lost, row.Reordered));
    }
}
