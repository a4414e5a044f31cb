using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Edge.CloudSync.Audit;
using Edge.Log;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>Helpers of the tests that forward for real.</summary>
internal static class SyncRun
{
    public static SyncOptions Options(string bootstrapServers) => new()
    {
        BootstrapServers = bootstrapServers,
        Linger = TimeSpan.FromMilliseconds(20),
        BackoffMin = TimeSpan.FromMilliseconds(50),
        BackoffMax = TimeSpan.FromSeconds(1),
        CursorInterval = TimeSpan.FromMilliseconds(200),
        RetryPausedAfter = TimeSpan.FromMilliseconds(500),
        SocketTimeout = TimeSpan.FromSeconds(5),
        FleetInterval = TimeSpan.Zero,
    };

    public static SyncOptions AtLeastOnce(string bootstrapServers) => Options(bootstrapServers) with { Delivery = SyncOptions.AtLeastOnce };

    public static async Task<SyncService> StartAsync(SyncOptions options, Journal journal, bool ignoresTaint = false)
    {
        Assert.Empty(options.Validate());
        var service = new SyncService(options, journal, null!, TimeProvider.System, NullLoggerFactory.Instance) { IgnoresTaint = ignoresTaint };
        await service.StartAsync(CancellationToken.None);
        return service;
    }

    /// <summary>Waits until nothing is left to forward.</summary>
    public static Task DrainedAsync(SyncService service, int seconds = 30) => UntilAsync(service, status => status.BacklogRecords == 0, seconds);

    public static async Task UntilAsync(SyncService service, Func<SyncStatus, bool> reached, int seconds = 30)
    {
        long start = Stopwatch.GetTimestamp();
        while (!reached(service.Status))
        {
            SyncStatus status = service.Status;
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(seconds),
                $"Not reached in {seconds} s: {status.State}, backlog {status.BacklogRecords}, in flight {status.RecordsInFlight}, {status.LastError}");
            await Task.Delay(20);
        }
    }

    public static Task<AuditReport> AuditAsync(string bootstrapServers, string topic) =>
        CentreAudit.RunAsync(new AuditOptions { BootstrapServers = bootstrapServers, Topic = topic }, TimeProvider.System, CancellationToken.None);

    /// <summary>At least that many records of a central topic, those with a wanted key.</summary>
    public static List<ConsumeResult<byte[]?, byte[]?>> ReadAll(string bootstrapServers, string topic, int count, Func<string, bool>? wants = null)
    {
        var config = new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "test", EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest };
        using IConsumer<byte[]?, byte[]?> consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler((_, _) => { }).Build();
        using IAdminClient admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        int partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count;
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        long start = Stopwatch.GetTimestamp();
        while (records.Count < count && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
            if (consumer.Consume(100) is { } result && (wants is null || wants(Encoding.UTF8.GetString(result.Message.Key ?? [])))) records.Add(result);
        Assert.Equal(count, records.Count);
        return records;
    }

    public static string? Header(ConsumeResult<byte[]?, byte[]?> result, string name) =>
        result.Message.Headers.TryGetLastBytes(name, out byte[] value) ? Encoding.UTF8.GetString(value) : null;
}
