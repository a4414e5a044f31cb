using Edge.Testing.Centres;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Audit;

public sealed class CentreAuditTests(ITestOutputHelper output)
{
    [KafkaFact]
    public async Task RunAsync_DamagedHistoryInApacheKafka_IsFound()
    {
        using var kafka = new KafkaCluster();
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new() { Name = "telemetry", NumPartitions = 3 }, new() { Name = "edge.gaps", NumPartitions = 1 }, new() { Name = "edge.deadletter", NumPartitions = 1 }]);
        using (IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, LingerMs = 5, EnableIdempotence = true }).Build())
        {
            void Send(string topic, string id, int partition, string value = "x", string? meantFor = null)
            {
                var headers = new Headers { { "edge.id", Encoding.UTF8.GetBytes(id) } };
                if (meantFor is not null) headers.Add("edge.topic", Encoding.UTF8.GetBytes(meantFor));
                producer.Produce(new TopicPartition(topic, partition), new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(value), Headers = headers });
            }
            for (int offset = 0; offset < 30_000; offset++)
                if (offset is not (70 or 71 or 500) && (offset < 100 || offset >= 110)) Send("telemetry", $"pi-7/0000000a/telemetry/0/{offset}/{(offset == 110 ? 99 : offset - 1)}", offset % 3);
            Send("telemetry", "pi-7/0000000a/telemetry/0/29999/29998", 0);
            Send("telemetry", "pi-8/0000000b/telemetry/1/0/-1", 1);
            Send("edge.deadletter", "pi-7/0000000a/telemetry/0/500/499", 0, meantFor: "telemetry");
            Send("edge.deadletter", "pi-7/0000000a/telemetry/0/70/69", 0, meantFor: "another");
            producer.Produce(new TopicPartition("edge.gaps", 0), new Message<Null, byte[]>
            {
                Value = """{"device":"pi-7","log":"0000000a","topic":"telemetry","partition":0,"from":100,"to":110,"count":10,"reason":"retention","time":"2026-11-25T00:00:00Z"}"""u8.ToArray(),
            });
            producer.Produce(new TopicPartition("edge.gaps", 0), new Message<Null, byte[]> { Value = "not json"u8.ToArray() });
            Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
        }
        var options = new AuditOptions { BootstrapServers = kafka.BootstrapServers, Topic = "telemetry" };
        long start = Stopwatch.GetTimestamp();
        AuditReport report = await CentreAudit.RunAsync(options, TimeProvider.System, CancellationToken.None);
        output.WriteLine($"{report.RecordsRead} records in {Stopwatch.GetElapsedTime(start)}");
        Assert.Equal(2, report.Rows.Count);
        AuditRow row = report.Rows[0];
        Assert.Equal(("pi-7", 0L, 29_999L, 29_988L, 2L, 1L, 0L, 1L), (row.Device, row.First, row.Last, row.Delivered, row.Lost, row.Duplicated, row.Reordered, row.DeadLettered));
        Assert.Single(row.Gaps);
        Assert.Equal("lost", report.Verdict);
        report = await CentreAudit.RunAsync(options with { Device = "pi-8" }, TimeProvider.System, CancellationToken.None);
        Assert.Equal("pi-8", Assert.Single(report.Rows).Device);
        Assert.Equal("ok", report.Verdict);
        AuditException missing = await Assert.ThrowsAsync<AuditException>(() => CentreAudit.RunAsync(options with { Topic = "nothing" }, TimeProvider.System, CancellationToken.None));
        Assert.False(missing.IsTransient);
    }

    [Fact]
    public async Task RunAsync_NobodyListens_IsTransientAndSaysSo()
    {
        var options = new AuditOptions { BootstrapServers = "127.0.0.1:1", Topic = "telemetry", Timeout = TimeSpan.FromSeconds(1) };
        AuditException e = await Assert.ThrowsAsync<AuditException>(() => CentreAudit.RunAsync(options, TimeProvider.System, CancellationToken.None));
        Assert.True(e.IsTransient);
    }
}
