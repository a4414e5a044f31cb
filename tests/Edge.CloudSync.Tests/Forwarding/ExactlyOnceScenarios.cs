using System.Text;
using Confluent.Kafka;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Edge.Log.Topics;
using Edge.Testing.Network;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>What delivery in transactions has to survive, whatever the centre is. Each scenario has its own device and topic; the centre is shared.</summary>
public abstract partial class ExactlyOnceScenarios(TestCentre centre, ITestOutputHelper output)
{
    protected TestCentre Centre { get; } = centre;

    protected async Task ManyRecords()
    {
        await using Scenario run = await BeginAsync("many");
        await run.AppendAsync(20_000);
        await run.StartAsync();
        await SyncRun.DrainedAsync(run.Service!);
        await run.ProveAsync();
        Assert.Equal((SyncState.Forwarding, "exactly-once", 0L), (run.Service!.Status.State, run.Service.Status.Delivery, run.Service.Status.TransactionsAborted));
        List<ConsumeResult<byte[]?, byte[]?>> cursors = SyncRun.ReadAll(Centre.BootstrapServers, "edge.cursors", 2, key => key.StartsWith("d/many", StringComparison.Ordinal) || key.StartsWith($"c/many/{run.Local.Journal.LogId}/{run.Topic}/", StringComparison.Ordinal));
        Assert.Single(cursors.Select(cursor => cursor.Partition.Value).Distinct()); // all of a device's records share one partition
    }

    // Goal: nothing is lost, repeated or reordered wherever the appliance is killed. Method: abandon the forwarder at random moments of its transactions.
    protected async Task KilledAgainAndAgain(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using Scenario run = await BeginAsync("killed");
        for (int round = 0; round < 12; round++)
        {
            await run.AppendAsync(2_000);
            await run.StartAsync();
            if (round % 2 == 1)
            {
                await SyncRun.UntilAsync(run.Service!, status => status.RecordsForwarded > 0); // the first transaction is there: hit a later one
                await run.AppendAsync(2_000);
            }
            await Task.Delay(random.Next(0, 250));
            await run.KillAsync();
            if (round % 3 == 1) await run.Local.RestartAsync();
        }
        await run.DrainAndProveAsync();
        Assert.Equal(36_000, run.Delivered);
    }

    /// <param name="isRuleOff">Shows what happens without the taint rule.</param>
    /// <returns>Whether the late request was answered with success, and the audit.</returns>
    protected async Task<AuditReport> LateEndOfTransaction(bool isRuleOff)
    {
        string device = isRuleOff ? "late-off" : "late";
        await using Scenario run = await BeginAsync(device);
        run.Options.MaxBatchBytes = 4096; // many small produce requests in each transaction
        run.Options.CatchUpBytes = 256 << 10;
        run.Options.Compression = "none";
        await run.StartAsync(isRuleOff);
        await run.AppendAsync(100);
        await SyncRun.DrainedAsync(run.Service!);
        Centre.Requests.HoldNext(KafkaProxy.EndTransaction);
        int produced = 0, isDelivered = 0;
        byte[]? answer = null;
        Centre.Requests.BeforeRequest = async apiKey =>
        {
            if (apiKey == KafkaProxy.EndTransaction) Interlocked.Exchange(ref produced, 0);
            // In the middle of a later transaction: some of its records are there, the others are not.
            if (apiKey != KafkaProxy.Produce || Interlocked.Increment(ref produced) != 3 || !Centre.Requests.IsHolding) return;
            await Task.Delay(100);
            answer = await Centre.Requests.DeliverHeldAsync();
            Volatile.Write(ref isDelivered, 1);
        };
        await run.AppendAsync(40);
        await Edge.Testing.Processes.Eventually.TrueAsync(() => Task.FromResult(Centre.Requests.IsHolding), TimeSpan.FromSeconds(20), () => "an EndTxn is held");
        await SyncRun.DrainedAsync(run.Service!);
        for (int round = 0; round < 20 && Volatile.Read(ref isDelivered) == 0; round++)
        {
            await run.AppendAsync(5_000);
            await SyncRun.DrainedAsync(run.Service!);
        }
        Centre.Requests.BeforeRequest = null;
        Assert.Equal(1, isDelivered);
        output.WriteLine($"The late EndTxn was answered {Convert.ToHexString(answer!)}; {run.Service!.Status.Sessions} producers, {run.Service.Status.Transactions} transactions, {run.Service.Status.TransactionsAborted} aborted, {run.Service.Status.LastError}");
        if (!isRuleOff) await run.DrainAndProveAsync();
        AuditReport report = await run.AuditAsync();
        output.WriteLine($"{report.Verdict}: delivered {report.Delivered}, lost {report.Lost}, twice {report.Duplicated}");
        return report;
    }

    protected async Task LinkFails(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using Scenario run = await BeginAsync("link");
        run.Options.SocketTimeout = TimeSpan.FromSeconds(2);
        run.Options.TransactionTimeout = TimeSpan.FromSeconds(5);
        await run.StartAsync();
        FaultProxy link = Centre.Link;
        for (int round = 0; round < 7; round++)
        {
            Task appending = Task.Run(async () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    await run.AppendAsync(100);
                    await Task.Delay(20);
                }
            });
            long before = run.Service!.Status.RecordsForwarded;
            await SyncRun.UntilAsync(run.Service, status => status.RecordsForwarded > before); // a fault while records flow
            await Task.Delay(random.Next(0, 100));
            switch (round % 7)
            {
                case 0: link.Cut(); break;
                case 1: link.Blackhole = true; break;
                case 2: link.SwallowAnswers = true; break;
                case 3: link.ResetAfterAnswerBytes = random.Next(1, 400); break;
                case 4: link.Delay = TimeSpan.FromMilliseconds(60); break;
                case 5: link.ResetAfterBytes = random.Next(1_000, 30_000); break;
                case 6: link.ResetAll(); break;
            }
            await Task.Delay(random.Next(300, round is 1 or 2 ? 3_000 : 900));
            (link.Blackhole, link.SwallowAnswers, link.ResetAfterAnswerBytes, link.Delay, link.ResetAfterBytes) = (false, false, 0, TimeSpan.Zero, 0);
            if (round == 1 || round == 2) link.ResetAll(); // what was swallowed is lost for good
            link.Restore();
            await appending;
        }
        await run.DrainAndProveAsync();
        Assert.True(run.Service!.Status.Sessions > 3, "The faults were not met.");
    }

    protected async Task CentreIsFrozenAndKilled()
    {
        await using Scenario run = await BeginAsync("centre");
        run.Options.SocketTimeout = TimeSpan.FromSeconds(2);
        run.Options.TransactionTimeout = TimeSpan.FromSeconds(6);
        await run.StartAsync();
        await run.AppendAsync(5_000);
        await SyncRun.UntilAsync(run.Service!, status => status.RecordsForwarded > 0);
        Task freezing = Task.Run(async () =>
        {
            Centre.Freeze();
            await Task.Delay(3_000);
            Centre.Thaw();
        });
        await run.AppendAsync(5_000);
        await freezing;
        Task killing = Centre.KillAndStartAgainAsync();
        await run.AppendAsync(5_000);
        await killing;
        await run.DrainAndProveAsync();
    }

    private async Task<Scenario> BeginAsync(string device)
    {
        await Centre.UpAsync();
        Centre.Link.Restore();
        return await Scenario.CreateAsync(Centre, device, output);
    }
}
