using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Edge.Log.Topics;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>Delivery in transactions against Apache Kafka.</summary>
[Trait("Category", "Slow")]
public sealed class ExactlyOnceKafkaTests(ITestOutputHelper output)
{
    [KafkaFact]
    public async Task Forward_ManyRecords_ArriveOnceInOrder()
    {
        using var kafka = new KafkaCluster();
        await using var local = new LocalLog();
        Topic topic = await local.CreateTopicAsync("telemetry");
        await local.AppendAsync(topic, 20_000);
        await using SyncService service = await SyncRun.StartAsync(SyncRun.Options(kafka.BootstrapServers), local.Journal);
        await SyncRun.DrainedAsync(service);
        AuditReport report = await SyncRun.AuditAsync(kafka.BootstrapServers, "telemetry");
        output.WriteLine($"{service.Status.Transactions} transactions, read in {report.Elapsed}");
        Assert.Equal(("ok", 20_000L), (report.Verdict, report.Delivered));
        Assert.Equal((SyncState.Forwarding, "exactly-once", 0L), (service.Status.State, service.Status.Delivery, service.Status.TransactionsAborted));
    }
}
