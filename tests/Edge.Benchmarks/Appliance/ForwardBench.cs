using System.Diagnostics;
using System.Text.Json;
using Confluent.Kafka;
using Edge.Testing.Network;
using Edge.Testing.Processes;

namespace Edge.Benchmarks.Appliance;

/// <summary>How fast a backlog drains to a hub on the same machine.</summary>
internal sealed class ForwardBench(string executable, string work, int records)
{
    /// <summary>Records confirmed by the hub a second, from the first confirmation to the last.</summary>
    public async Task<double> RunAsync()
    {
        string data = Path.Combine(work, $"forward-{Guid.NewGuid():N}");
        int hubPort = FreePort.Take();
        try
        {
            await using EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", Path.Combine(data, "edge"))
            {
                Executable = executable,
                Settings = ["Sync:Enabled=true", $"Sync:BootstrapServers=127.0.0.1:{hubPort}", "Sync:BackoffMax=1s", "Topics:Defaults:partitions=4"],
            });
            await FillAsync(edge.KafkaAddress);
            await using EdgeProcess hub = await EdgeProcess.StartAsync(new EdgeStart("hub", Path.Combine(data, "hub")) { Executable = executable, Ports = new(0, hubPort, 0) });
            return await MeasureAsync(edge);
        }
        finally
        {
            if (Directory.Exists(data)) Directory.Delete(data, recursive: true);
        }
    }

    private async Task FillAsync(string bootstrap)
    {
        byte[] value = new byte[100];
        new Random(1).NextBytes(value);
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrap, LingerMs = 20, EnableIdempotence = true, QueueBufferingMaxMessages = records + 1 }).SetLogHandler(static (_, _) => { }).Build();
        Error? failed = null;
        for (int i = 0; i < records; i++)
            producer.Produce("bench", new Message<byte[], byte[]> { Key = BitConverter.GetBytes(i % 1000), Value = value }, report => failed = report.Error.IsError ? report.Error : failed);
        await Task.Run(() => producer.Flush(TimeSpan.FromMinutes(2)));
        if (failed is not null) throw new InvalidOperationException($"The appliance refused a record: {failed.Reason}");
    }

    private async Task<double> MeasureAsync(EdgeProcess edge)
    {
        (long firstAt, long first, long forwarded) = (0, 0, 0);
        await Eventually.TrueAsync(async () =>
        {
            using JsonDocument status = await edge.GetJsonAsync("/api/v1/status");
            forwarded = status.RootElement.GetProperty("sync").GetProperty("recordsForwarded").GetInt64();
            if (firstAt == 0 && forwarded > 0) (firstAt, first) = (Stopwatch.GetTimestamp(), forwarded);
            return forwarded >= records;
        }, TimeSpan.FromMinutes(5), () => $"{records} records are forwarded; {forwarded} are");
        if (forwarded <= first) throw new InvalidOperationException($"{records} records went before the first look: use more.");
        return (forwarded - first) / Stopwatch.GetElapsedTime(firstAt).TotalSeconds;
    }
}
