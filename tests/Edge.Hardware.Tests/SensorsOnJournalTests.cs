using System.Buffers;
using System.Text;
using System.Text.Json;
using Edge.Ingest;
using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Hardware.Tests;

/// <summary>The driver of this machine, through the real pipeline, into a real journal.</summary>
public sealed class SensorsOnJournalTests
{
    private const int ReadingsOfASample = 14;

    [Fact]
    public async Task Host_RunsForAFewSamples_EveryReadingIsARecordOnItsPartition()
    {
        using var machine = new Machine("pi4");
        var journal = Journal.Open(new SimulatedDisk(1), new LogOptions { SegmentBytes = 8 << 20, MaxBytes = 1L << 30, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        var pipeline = new IngestPipeline(journal, new IngestOptions());
        long published;
        await using (var host = new SensorHost([new SensorOptions { Interval = SensorOptions.MinInterval, Settings = { ["root"] = machine.Root } }], pipeline, TimeProvider.System, NullLoggerFactory.Instance))
        {
            await host.StartAsync(CancellationToken.None);
            for (long end = Environment.TickCount64 + 20_000; host.Status[0].Published < 3 * ReadingsOfASample; await Task.Delay(10)) Assert.True(Environment.TickCount64 < end, $"only {host.Status[0]}");
            await host.StopAsync(CancellationToken.None);
            SensorStatus status = host.Status[0];
            Assert.Equal(0, status.Faults);
            Assert.Equal(status.Reads * ReadingsOfASample, status.Published + status.Dropped); // a slow machine drops some: none without being counted
            published = status.Published;
        }
        Assert.True(journal.Topics.TryGet("host", out Topic? topic));
        int records = 0;
        foreach (Partition partition in topic.Partitions)
        {
            foreach (RecordCopy record in Read(partition))
            {
                records++;
                Assert.Equal(Murmur2.Partition(Encoding.UTF8.GetBytes(record.Key), topic.Partitions.Count), partition.Index);
                using JsonDocument json = JsonDocument.Parse(record.Value);
                Assert.Equal(($"{journal.DeviceId}/host/", record.Key), (json.RootElement[0].GetProperty("bn").GetString(), json.RootElement[0].GetProperty("n").GetString()));
                if (record.Key == "cpu/temperature") Assert.Equal(48.312, json.RootElement[0].GetProperty("v").GetDouble());
            }
        }
        Assert.Equal(published, records);
        await pipeline.DisposeAsync();
        await journal.DisposeAsync();
    }

    private readonly record struct RecordCopy(string Key, byte[] Value);

    private static List<RecordCopy> Read(Partition partition)
    {
        List<RecordCopy> records = [];
        ArrayBufferWriter<byte> buffer = new();
        for (long offset = partition.LogStartOffset; offset < partition.HighWatermark;)
        {
            buffer.ResetWrittenCount();
            ReadResult read = partition.Read(offset, 1 << 20, true, buffer);
            Assert.Equal(ReadStatus.Ok, read.Status);
            ReadOnlySpan<byte> bytes = buffer.WrittenSpan;
            while (bytes.Length > 0)
            {
                Assert.Equal(BatchReadStatus.Ok, RecordBatchHeader.TryRead(bytes, 1 << 24, out RecordBatchHeader header));
                RecordEnumerator each = RecordEnumerator.OverBatch(bytes);
                while (each.MoveNext()) records.Add(new(Encoding.UTF8.GetString(each.Current.Key), each.Current.Value.ToArray()));
                bytes = bytes[header.SizeBytes..];
            }
            offset = read.NextOffset;
        }
        return records;
    }
}
