using System.Globalization;
using Edge.Crash.Tests.Publishing;
using Edge.Testing.Ledger;
using Edge.Testing.Processes;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Crash.Tests.Backups;

/// <summary>A backup of the real process while it takes messages: started on the copy, every message acknowledged before the backup began is there.</summary>
[Trait("Category", "Slow")]
public sealed class BackupUnderLoadTests(ITestOutputHelper output)
{
    private const int Connections = 4, Messages = 400_000;

    [Fact]
    public async Task Backup_UnderLoad_RestoresEverythingAcknowledgedBefore()
    {
        using var data = new TempDirectory();
        using var copy = new TempDirectory();
        var ledger = new AckLedger();
        var before = new AckLedger();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using (EdgeProcess edge = await EdgeProcess.StartAsync(new EdgeStart("run", data.Path) { Settings = ["Storage:SegmentBytes=8MiB"] }))
        {
            Task publishing = Task.WhenAll(Enumerable.Range(0, Connections).Select(c => Task.Run(() => new RawPublisher(c, edge.Ports.Mqtt, Messages, 100, ledger).RunAsync(stop.Token))));
            await Eventually.TrueAsync(() => Task.FromResult(ledger.Count > 20_000), TimeSpan.FromSeconds(60), () => $"{ledger.Count} messages are acknowledged\n{edge.Output}");
            foreach ((int client, long sequence) in ledger.Snapshot()) before.Acknowledge(client, sequence);
            CommandResult backup = await Command.RunAsync(EdgeExecutable.Default, ["backup", copy.Path, "--data", data.Path], timeout: TimeSpan.FromSeconds(60));
            long during = ledger.Count - before.Count;
            Assert.True(backup.ExitCode == 0, backup.ToString());
            await Eventually.TrueAsync(() => Task.FromResult(ledger.Count > before.Count + during), TimeSpan.FromSeconds(30), () => "publishing goes on after the backup");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before.Count} acknowledged before, {during} during the backup: {backup.StandardOutput}"));
            Assert.True(during > 0, "ingest stood still during the backup");
            await stop.CancelAsync();
            try { await publishing; }
            catch (OperationCanceledException) { }
        }
        await using EdgeProcess restored = await EdgeProcess.StartAsync(new EdgeStart("run", copy.Path));
        var reading = new LedgerReading();
        KafkaTopicReader.Read(restored.KafkaAddress, "telemetry", record =>
        {
            (int client, long sequence) = CrashMessage.Decode(record.Message.Value);
            reading.Add(client, sequence);
        });
        output.WriteLine($"{reading.Records} in the copy");
        Assert.Empty(reading.Missing(before));
        Assert.Empty(reading.Reordered);
    }
}
