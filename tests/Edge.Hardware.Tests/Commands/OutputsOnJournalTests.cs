using System.Buffers;
using System.Text;
using Edge.Hardware.Boards;
using Edge.Hardware.Sampling;
using Edge.Hardware.Simulation;
using Edge.Ingest;
using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Hardware.Tests.Commands;

/// <summary>Commands and totals through a real journal.</summary>
public sealed class OutputsOnJournalTests : IAsyncDisposable
{
    private readonly SimulatedHardware _hardware = new(BoardProfiles.Find("pi4")!, TimeProvider.System);
    private readonly SimulatedDisk _disk = new(1);
    private Journal _journal;
    private IngestPipeline _ingest;

    public OutputsOnJournalTests() => (_journal, _ingest) = Open(_disk);

    [Fact]
    public async Task Command_InItsTopic_IsCarriedOutAndAcknowledged()
    {
        await using SensorHost host = Host(Valve());
        await host.StartAsync(CancellationToken.None);
        await CommandAsync("valve", """{"value":"on","id":"a7"}""");
        await UntilAsync(() => host.Commands.CarriedOut == 1);
        Assert.True(_hardware.Gpio.Level("GPIO23"));
        await UntilAsync(() => Acknowledgements().Count == 1);
        Assert.StartsWith("""{"output":"valve","id":"a7","command":"on","ok":true,"value":1,"time":""", Acknowledgements()[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_BadOrForAnother_IsRefusedOrIgnored()
    {
        await using SensorHost host = Host(Valve());
        await host.StartAsync(CancellationToken.None);
        await CommandAsync("other", "1");
        await CommandAsync("valve", "perhaps");
        await UntilAsync(() => Acknowledgements().Count == 1);
        Assert.Equal((0L, 1L), host.Commands);
        Assert.Contains("\"ok\":false,\"error\":\"Sensor 'valve': 'perhaps' is no command; use 1, 0", Acknowledgements()[0].Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(_hardware.Gpio.Level("GPIO23"));
    }

    // Goal: a command of yesterday opens no valve today. Method: it lies in the log before the start; a later one shows that the pump works.
    [Fact]
    public async Task Command_OlderThanTheStart_IsNotCarriedOut()
    {
        await CommandAsync("valve", "1");
        await using SensorHost host = Host(Valve());
        await host.StartAsync(CancellationToken.None);
        await CommandAsync("valve", "0");
        await UntilAsync(() => host.Commands.CarriedOut == 1);
        Assert.False(_hardware.Gpio.Level("GPIO23"));
        await UntilAsync(() => Acknowledgements().Count > 0);
        Assert.Contains("\"command\":\"0\"", Assert.Single(Acknowledgements()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_OutputIsOn_TakesItsFailSafeLevel()
    {
        await using SensorHost host = Host(Valve());
        await host.StartAsync(CancellationToken.None);
        await CommandAsync("valve", "1");
        await UntilAsync(() => _hardware.Gpio.Level("GPIO23"));
        await host.StopAsync(CancellationToken.None);
        Assert.False(_hardware.Gpio.Level("GPIO23"));
    }

    // Goal: a total once published is never smaller after a power cut. Method: cut the simulated disk's power, open what survived.
    [Fact]
    public async Task Counter_PowerCut_GoesOnFromTheLastPublishedTotal()
    {
        SensorOptions counter = new() { Name = "water", Driver = "gpio-counter", Topic = "meters", Interval = SensorOptions.MinInterval, Settings = { ["line"] = "GPIO17" } };
        SimulatedDisk after;
        await using (SensorHost host = Host(counter))
        {
            await host.StartAsync(CancellationToken.None);
            await UntilAsync(() => host.Status[0].Reads > 0);
            for (int i = 0; i < 2 * 1234; i++) _hardware.Gpio.Drive("GPIO17", i % 2 == 0);
            await UntilAsync(() => Records("meters").Any(static r => r.Contains("\"total\",\"u\":\"count\",\"v\":1234,", StringComparison.Ordinal)));
            after = _disk.Snapshot().Restore(CrashVariant.SectorSubset, 7);
        }
        await DisposeJournalAsync();
        (_journal, _ingest) = Open(after);
        await using SensorHost again = Host(counter);
        Assert.Equal(1234, (await again.ReadOnceAsync("water")).Single(static r => r.Metric == "total").Value);
    }

    public async ValueTask DisposeAsync()
    {
        await DisposeJournalAsync();
        _hardware.Dispose();
    }

    private static SensorOptions Valve() => new() { Name = "valve", Driver = "gpio-output", Topic = "outputs", Key = "{sensor}/{metric}", Interval = TimeSpan.FromMinutes(1), Settings = { ["line"] = "GPIO23" } };

    private static (Journal, IngestPipeline) Open(SimulatedDisk disk)
    {
        var journal = Journal.Open(disk, new LogOptions { SegmentBytes = 8 << 20, MaxBytes = 1L << 30, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        return (journal, new IngestPipeline(journal, new IngestOptions()));
    }

    private async Task DisposeJournalAsync()
    {
        await _ingest.DisposeAsync();
        await _journal.DisposeAsync();
    }

    private SensorHost Host(SensorOptions options) => new([options], _hardware, new PipelineSink(_ingest), _ingest, TimeProvider.System, NullLoggerFactory.Instance);

    private async Task CommandAsync(string key, string value) =>
        Assert.Equal(IngestStatus.Ok, (await _ingest.SubmitAsync(new IngestRecord { Topic = "commands", Key = Encoding.UTF8.GetBytes(key), Value = Encoding.UTF8.GetBytes(value) }, CancellationToken.None)).Status);

    private List<string> Acknowledgements() => [.. Records("outputs").Where(static r => r.StartsWith("{\"output\"", StringComparison.Ordinal))];

    private List<string> Records(string name)
    {
        var values = new List<string>();
        if (!_journal.Topics.TryGet(name, out Topic topic)) return values;
        foreach (Partition partition in topic.Partitions)
        {
            var buffer = new ArrayBufferWriter<byte>();
            for (long offset = partition.LogStartOffset; offset < partition.HighWatermark;)
            {
                buffer.ResetWrittenCount();
                ReadResult read = partition.Read(offset, 1 << 20, true, buffer);
                for (ReadOnlySpan<byte> bytes = buffer.WrittenSpan; bytes.Length > 0;)
                {
                    RecordEnumerator each = RecordEnumerator.OverBatch(bytes);
                    while (each.MoveNext()) values.Add(Encoding.UTF8.GetString(each.Current.Value));
                    bytes = bytes[RecordBatchHeader.Parse(bytes).SizeBytes..];
                }
                offset = read.NextOffset;
            }
        }
        return values;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (long end = Environment.TickCount64 + 20_000; !condition(); await Task.Delay(10)) Assert.True(Environment.TickCount64 < end, "not within 20 s");
    }
}
