using System.Buffers;
using System.Collections.Concurrent;
using Edge.Crash.Tests.Publishing;
using Edge.Log;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Testing.Ledger;
using Edge.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Crash.Tests.Storage;

/// <summary>Writes and syncs of the real process fail at about 40 points: no acknowledgement after the failure, an alarm, the exit code; and nothing acknowledged is lost.</summary>
[Trait("Category", "Slow")]
public sealed class InjectionTests(ITestOutputHelper output)
{
    private static readonly (string Call, string Error)[] Kinds = [("fdatasync", "EIO"), ("pwrite64", "ENOSPC"), ("pwrite64", "EIO")];
    private static readonly string[] Settings = ["Storage:OnFailure=exit", "Storage:SegmentBytes=8MiB", "Storage:MinFreeBytes=0"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Goal: from a failure that stays on nothing is acknowledged, the process says so and leaves with 3. Method: each kind, from the n-th call of the writer on.
    [RequiresTracingFact]
    public async Task Injection_FailsForGood_NothingIsAcknowledgedAfterwardsAndTheProcessLeavesWith3()
    {
        InjectionPoint[] points = [.. Kinds.SelectMany(static k => new[] { 1, 2, 3, 5, 8 }.Select(n => new InjectionPoint(k.Call, k.Error, n)))];
        var said = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(points, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (point, _) => said.Enqueue(await ForGoodAsync(point)));
        foreach (string line in said) output.WriteLine(line);
        Assert.Equal(points.Length, said.Count);
    }

    // Goal: a failure that happens once costs nothing: the group is written elsewhere before it is acknowledged. Method: 25 failures in the life of one process.
    [RequiresTracingFact]
    public async Task Injection_FailsOnce_MessagesAreAcknowledgedAfterTheyWereWrittenElsewhere()
    {
        using var data = new TempDirectory();
        var ledger = new AckLedger();
        int client = 0, happened = 0;
        await using (EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path) { Settings = Settings }))
        {
            await PublishAsync(edge, ledger, client++, 10);
            foreach ((string call, string error) in Kinds)
            {
                for (int when = 1; when <= 8; when++)
                {
                    await using SyncFailure failure = await SyncFailure.InjectAsync(edge.Pid, when.ToString(System.Globalization.CultureInfo.InvariantCulture), call, error);
                    await PublishAsync(edge, ledger, client++, 12);
                    Assert.False(edge.HasExited, $"{call} {error} at call {when}:\n{failure.Trace}\n{edge.Output}");
                    if (failure.HasHappened) happened++;
                }
            }
            Assert.True(happened >= 20, $"only {happened} failures happened");
            await edge.KillAsync();
        }
        output.WriteLine($"{happened} failures, {ledger.Count} messages acknowledged");
        Assert.Empty((await RecoverAsync(data.At("journal"))).Missing(ledger));
    }

    private static async Task<string> ForGoodAsync(InjectionPoint point)
    {
        using var data = new TempDirectory();
        AckLedger ledger = new(), after = new();
        await using (EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path) { Settings = Settings }))
        {
            await PublishAsync(edge, ledger, client: 0, messages: 10);
            await using (SyncFailure failure = await SyncFailure.InjectAsync(edge.Pid, $"{point.From}+", point.Call, point.Error))
            {
                using var stop = new CancellationTokenSource(Patience);
                Task publishing = EndsAsync(new RawPublisher(1, edge.Ports.Mqtt, 1000, 1, ledger).RunAsync(stop.Token));
                await Eventually.TrueAsync(() => Task.FromResult(failure.HasHappened), Patience, () => $"{point}: the call failed\n{failure.Trace}\n{edge.Output}");
                int exitCode = await ExitAsync(edge, () => $"{point}\n{failure.Trace}\n{edge.Output}");
                await stop.CancelAsync();
                await publishing;
                Assert.True(exitCode == 3, $"{point}: exit code {exitCode}\n{edge.Output}");
                Assert.True(edge.Output.Contains("read-only"), $"{point}: no alarm\n{edge.Output}");
                Assert.True(ledger.Count < 10 + 1000, $"{point}: everything was acknowledged");
            }
        }
        LedgerReading reading = await RecoverAsync(data.At("journal"));
        Assert.True(reading.Missing(ledger).Count == 0, $"{point}: acknowledged and lost: {string.Join(", ", reading.Missing(ledger))}");
        Assert.Empty(reading.Reordered);
        // One message was in flight: it may be there, unacknowledged, and nothing behind it.
        Assert.InRange(reading.Records, ledger.Count, ledger.Count + 1);
        return $"{point}: {ledger.Count - 10} acknowledged before it, none after; {reading.Records} in the journal";
    }

    private static async Task<int> ExitAsync(EdgeProcess edge, Func<string> what)
    {
        await Eventually.TrueAsync(() => Task.FromResult(edge.HasExited), Patience, () => $"the process leaves: {what()}");
        return await edge.StopAsync();
    }

    /// <summary>The journal as the next start would find it.</summary>
    private static async Task<LedgerReading> RecoverAsync(string directory)
    {
        var reading = new LedgerReading();
        await using Journal journal = Journal.Open(new PosixDisk(directory), new LogOptions { SegmentBytes = 8 << 20, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(0, journal.Statistics.DamagedBytes);
        if (!journal.Topics.TryGet("telemetry", out Topic topic)) return reading;
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        foreach (Partition partition in topic.Partitions)
        {
            for (long offset = partition.LogStartOffset; offset < partition.HighWatermark;)
            {
                buffer.ResetWrittenCount();
                ReadResult read = partition.Read(offset, 1 << 20, true, buffer);
                Assert.Equal(ReadStatus.Ok, read.Status);
                offset = read.NextOffset;
                Walk(buffer.WrittenSpan, reading);
            }
        }
        return reading;
    }

    private static void Walk(ReadOnlySpan<byte> batches, LedgerReading reading)
    {
        while (batches.Length > 0)
        {
            foreach (RecordView record in RecordEnumerator.OverBatch(batches))
            {
                (int client, long sequence) = CrashMessage.Decode(record.Value.ToArray());
                reading.Add(client, sequence);
            }
            batches = batches[RecordBatchHeader.Parse(batches).SizeBytes..];
        }
    }

    private static async Task PublishAsync(EdgeProcess edge, AckLedger ledger, int client, int messages)
    {
        using var late = new CancellationTokenSource(Patience);
        try { await new RawPublisher(client, edge.Ports.Mqtt, messages, 1, ledger).RunAsync(late.Token); }
        catch (OperationCanceledException) { throw new TimeoutException($"Not acknowledged in time:\n{edge.Output}"); }
    }

    private static async Task EndsAsync(Task task)
    {
        try { await task; }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or InvalidDataException) { }
    }
}
