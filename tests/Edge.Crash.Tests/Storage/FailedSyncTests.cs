using Edge.Crash.Tests.Publishing;
using Edge.Testing.Ledger;
using Edge.Testing.Processes;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Crash.Tests.Storage;

/// <summary>A failed fdatasync of the real process. .NET's own flush hides it, so the test takes the kernel's answer.</summary>
[Trait("Category", "Slow")]
public sealed class FailedSyncTests(ITestOutputHelper output)
{
    private const int Before = 100;

    [RequiresTracingFact]
    public async Task Fdatasync_FailsFromNowOn_NothingIsAcknowledgedAndTheProcessSaysSo()
    {
        using var data = new TempDirectory();
        EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path));
        try
        {
            AckLedger ledger = new(), refused = new();
            await PublishAsync(edge, ledger, client: 1, Before);
            await using (SyncFailure failure = await SyncFailure.InjectAsync(edge.Pid, "1+"))
            {
                using var stop = new CancellationTokenSource();
                Task publishing = EndsAsync(new RawPublisher(2, edge.Ports.Mqtt, 1, 1, refused).RunAsync(stop.Token));
                await Eventually.TrueAsync(async () => (await edge.GetTextAsync("/healthz")).Contains("read-only", StringComparison.OrdinalIgnoreCase), TimeSpan.FromSeconds(30),
                    () => $"health says so\n{failure.Trace}\n{edge.Output}");
                Assert.True(failure.HasHappened, failure.Trace);
                Assert.True(edge.Output.Contains("read-only"), $"the log says so\n{edge.Output}");
                using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(3)); // a bound on waiting for what must not come
                await EndsAsync(new RawPublisher(3, edge.Ports.Mqtt, 1, 1, refused).RunAsync(moment.Token));
                Assert.Equal(0, refused.Count);
                Assert.Empty(Read(edge).Missing(ledger)); // reading goes on
                await stop.CancelAsync();
                await publishing;
                output.WriteLine(failure.Trace);
            }
            await edge.KillAsync();
            await edge.DisposeAsync();
            edge = await edge.StartAgainAsync();
            await PublishAsync(edge, ledger, client: 4, 1); // after a restart it takes records again
            LedgerReading reading = Read(edge);
            Assert.Empty(reading.Missing(ledger));
            Assert.Empty(reading.Reordered);
        }
        finally { await edge.DisposeAsync(); }
    }

    [RequiresTracingFact]
    public async Task Fdatasync_FailsOnce_MessageIsWrittenElsewhereBeforeItIsAcknowledged()
    {
        using var data = new TempDirectory();
        EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path));
        try
        {
            var ledger = new AckLedger();
            await PublishAsync(edge, ledger, client: 1, Before);
            await using (SyncFailure failure = await SyncFailure.InjectAsync(edge.Pid, "1"))
            {
                await PublishAsync(edge, ledger, client: 2, Before);
                Assert.True(failure.HasHappened, failure.Trace);
                output.WriteLine(failure.Trace);
            }
            Assert.Equal(2 * Before, ledger.Count);
            await edge.KillAsync();
            await edge.DisposeAsync();
            edge = await edge.StartAgainAsync();
            LedgerReading reading = Read(edge);
            Assert.Empty(reading.Missing(ledger));
            Assert.Empty(reading.Reordered);
        }
        finally { await edge.DisposeAsync(); }
    }

    private static async Task PublishAsync(EdgeProcess edge, AckLedger ledger, int client, int messages)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try { await new RawPublisher(client, edge.Ports.Mqtt, messages, 10, ledger).RunAsync(late.Token); }
        catch (OperationCanceledException) { throw new TimeoutException($"Not acknowledged in time:\n{edge.Output}"); }
    }

    /// <summary>Waits for the end, however it comes.</summary>
    private static async Task EndsAsync(Task task)
    {
        try { await task; }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or InvalidDataException) { }
    }

    private static LedgerReading Read(EdgeProcess edge)
    {
        var reading = new LedgerReading();
        KafkaTopicReader.Read(edge.KafkaAddress, "telemetry", record =>
        {
            (int client, long sequence) = CrashMessage.Decode(record.Message.Value);
            reading.Add(client, sequence);
        });
        return reading;
    }
}
