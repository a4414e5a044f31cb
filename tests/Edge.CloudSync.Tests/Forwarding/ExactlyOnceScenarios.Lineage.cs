using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Fleet;
using Xunit;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>Who the records belong to: clones, backups, a lost cursor topic, another mode of delivery.</summary>
public abstract partial class ExactlyOnceScenarios
{
    // Two boxes with one card: the second to arrive goes on as a fork, the first one halts instead of fighting back, until an operator decides.
    protected async Task ClonedCard()
    {
        await using Scenario first = await BeginAsync("clone");
        await first.AppendAsync(500);
        await first.StartAsync();
        await SyncRun.DrainedAsync(first.Service!);
        await first.StopAsync();
        string card = await first.Local.BackUpAsync();
        await first.StartAsync();
        await first.AppendAsync(500);
        await SyncRun.DrainedAsync(first.Service!);

        string log = first.Local.Journal.LogId;
        await using Scenario second = await Scenario.CreateAsync(Centre, "clone", output, new LocalLog("clone", card), first.Topic);
        Assert.Equal(log, second.Local.Journal.LogId);
        await second.AppendAsync(200);
        await second.StartAsync();
        await SyncRun.DrainedAsync(second.Service!);
        Assert.NotEqual(log, second.Local.Journal.LogId); // the centre has records of that log that are not on this card
        await first.AppendAsync(100);
        await SyncRun.UntilAsync(first.Service!, status => status.State == SyncState.Halted);
        Assert.Contains("edge adopt", first.Service!.Status.HaltReason, StringComparison.Ordinal);
        Assert.Equal(100, first.Service.Status.BacklogRecords); // kept, not sent
        await second.AppendAsync(100);
        await SyncRun.DrainedAsync(second.Service!);

        Assert.True(first.Service.Adopt());
        await SyncRun.DrainedAsync(first.Service);
        Assert.NotEqual(log, first.Local.Journal.LogId);
        await second.AppendAsync(10);
        await SyncRun.UntilAsync(second.Service!, status => status.State == SyncState.Halted);
        AuditReport report = await SyncRun.AuditAsync(Centre.BootstrapServers, first.Topic);
        Assert.Equal((0L, 0L, 0L, 1400L), (report.Lost, report.Duplicated, report.Reordered, report.Delivered)); // 1000 + 300 + 100: offsets of three logs, none used twice
    }

    // The card is put back to last week's image: what it lost is told, and no offset is used twice.
    protected async Task RestoredBackup()
    {
        await using Scenario device = await BeginAsync("backup");
        await device.AppendAsync(400);
        await device.StartAsync();
        await SyncRun.DrainedAsync(device.Service!);
        await device.StopAsync();
        string backup = await device.Local.BackUpAsync();
        await device.AppendAsync(300);
        await device.StartAsync();
        await SyncRun.DrainedAsync(device.Service!);
        await device.StopAsync();

        await using Scenario restored = await Scenario.CreateAsync(Centre, "backup", output, new LocalLog("backup", backup), device.Topic);
        await restored.AppendAsync(50);
        await restored.StartAsync();
        await SyncRun.DrainedAsync(restored.Service!);
        await restored.KillAsync(); // the fork is at the centre: the next start resumes it
        await restored.AppendAsync(50);
        await restored.StartAsync();
        await SyncRun.DrainedAsync(restored.Service!);
        Assert.Equal([device.Local.Journal.LogId], restored.Local.Journal.Lineage.Parents);
        AuditReport report = await SyncRun.AuditAsync(Centre.BootstrapServers, device.Topic);
        Assert.Equal((0L, 0L, 0L, 800L), (report.Lost, report.Duplicated, report.Reordered, report.Delivered));
        Assert.Contains(report.Rows.SelectMany(row => row.Gaps), gap => gap.Reason == "restored");
    }

    protected async Task CursorTopicLost()
    {
        await using Scenario run = await BeginAsync("lost");
        await run.AppendAsync(400);
        await run.StartAsync();
        await SyncRun.DrainedAsync(run.Service!);
        await run.StopAsync();
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Centre.BootstrapServers }).SetLogHandler((_, _) => { }).Build())
            await admin.DeleteTopicsAsync(["edge.cursors"]);
        await run.AppendAsync(100);
        await run.StartAsync();
        await SyncRun.UntilAsync(run.Service!, status => status.State == SyncState.Halted);
        Assert.Contains("Sync:CursorLost", run.Service!.Status.HaltReason, StringComparison.Ordinal);
        await run.StopAsync();
        run.Options.CursorLost = "resume-local";
        await run.DrainAndProveAsync(); // it was stopped in order, so nothing was under way
    }

    protected async Task ModeChanges()
    {
        await using Scenario run = await BeginAsync("modes");
        foreach (string delivery in (string[])[SyncOptions.AtLeastOnce, SyncOptions.ExactlyOnce, SyncOptions.AtLeastOnce, SyncOptions.ExactlyOnce, SyncOptions.ExactlyOnce])
        {
            await run.AppendAsync(300);
            run.Options.Delivery = delivery;
            await run.StartAsync();
            await SyncRun.DrainedAsync(run.Service!);
            Assert.Equal(delivery, run.Service!.Status.Delivery);
            await run.StopAsync();
        }
        await run.ProveAsync();
        Assert.Equal(1_500, run.Delivered);
    }

    // Only the one record that the centre refuses becomes a pointer; it is found by halving, and everything around it arrives once.
    protected async Task RefusedRecord()
    {
        await using Scenario run = await BeginAsync("refused");
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Centre.BootstrapServers }).SetLogHandler((_, _) => { }).Build())
            await admin.CreateTopicsAsync([new TopicSpecification { Name = run.Topic, NumPartitions = 2, Configs = new() { ["max.message.bytes"] = "10000" } }]);
        await run.AppendAsync(300);
        byte[] large = new byte[20_000];
        new Random(1).NextBytes(large); // does not compress
        await run.Local.AppendOneAsync(run.Local.TopicOf(run.Topic).Partitions[0], "big"u8.ToArray(), large);
        await run.AppendAsync(300);
        await run.DrainAndProveAsync();
        AuditReport report = await run.AuditAsync();
        Assert.Equal((601L, 1L), (report.Delivered, report.DeadLettered));
        Assert.Equal(1, run.Service!.Status.RecordsDeadLettered);
    }

    protected async Task LocalTransactions()
    {
        await using Scenario run = await BeginAsync("locals");
        await run.StartAsync();
        await run.AppendAsync(100);
        await SyncRun.DrainedAsync(run.Service!);
        run.Options.Linger = TimeSpan.Zero;
        await run.Local.AppendTransactionAsync(run.Local.TopicOf(run.Topic).Partitions[0], producerId: 7, "aborted");
        await run.AppendAsync(100);
        await SyncRun.UntilAsync(run.Service!, status => status.RecordsForwarded > 150); // partition 0 waits, the others do not
        await Task.Delay(300);
        Assert.DoesNotContain(run.Service!.Status.Partitions, partition => partition is { Partition: 0 } && partition.Next == partition.HighWatermark);
        await run.Local.EndTransactionAsync(run.Local.TopicOf(run.Topic).Partitions[0], producerId: 7, commit: false);
        await run.Local.AppendTransactionAsync(run.Local.TopicOf(run.Topic).Partitions[0], producerId: 8, "committed");
        await run.Local.EndTransactionAsync(run.Local.TopicOf(run.Topic).Partitions[0], producerId: 8, commit: true);
        await SyncRun.DrainedAsync(run.Service!);
        AuditReport report = await SyncRun.AuditAsync(Centre.BootstrapServers, run.Topic);
        Assert.Equal(("ok", 201L), (report.Verdict, report.Delivered)); // 200 and the one that was committed
    }

    // The centre deletes by the record's own timestamp: what is older than its retention is told, or kept back.
    protected async Task StaleBacklog()
    {
        await using Scenario run = await BeginAsync("stale");
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Centre.BootstrapServers }).SetLogHandler((_, _) => { }).Build())
            await admin.CreateTopicsAsync([new TopicSpecification { Name = run.Topic, NumPartitions = 2, Configs = new() { ["retention.ms"] = "60000" } }]);
        await run.AppendAsync(50); // an hour old
        run.Options.StaleBacklog = "hold";
        await run.StartAsync();
        await SyncRun.UntilAsync(run.Service!, status => status.Partitions.Any(partition => partition.PausedReason?.Contains("StaleBacklog", StringComparison.Ordinal) == true));
        Assert.Equal((0L, 50L), (run.Service!.Status.RecordsForwarded, run.Service.Status.BacklogRecords));
        await run.StopAsync();
        run.Options.StaleBacklog = "send";
        await run.StartAsync();
        await SyncRun.DrainedAsync(run.Service!);
        Assert.Equal(50, run.Service!.Status.RecordsForwarded);
    }

    protected async Task FleetReports()
    {
        await using Scenario run = await BeginAsync("fleet");
        run.Options.FleetInterval = TimeSpan.FromSeconds(1);
        run.Options.Site = "hall 3";
        await run.StartAsync();
        await run.AppendAsync(300);
        FleetDevice? seen = null;
        await Edge.Testing.Processes.Eventually.TrueAsync(async () =>
        {
            seen = (await FleetList.ReadAsync(new AuditOptions { BootstrapServers = Centre.BootstrapServers, Device = "fleet" }, CancellationToken.None)).SingleOrDefault();
            return seen is { RecordsForwarded: 300, BacklogRecords: 0 };
        }, TimeSpan.FromSeconds(30), () => $"the centre knows the device: {seen}");
        Assert.Equal(("hall 3", run.Local.Journal.LogId, run.Local.Journal.Epoch, "forwarding", "exactly-once"), (seen!.Site, seen.Log, seen.Epoch, seen.State, seen.Delivery));
        Assert.InRange(seen.Time, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
    }
}
