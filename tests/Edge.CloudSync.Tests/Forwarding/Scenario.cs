using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Edge.Log.Topics;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>One device with one topic and its forwarder.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    private readonly TestCentre _centre;
    private readonly ITestOutputHelper _output;
    private int _appended;

    private Scenario(TestCentre centre, LocalLog local, string topic, ITestOutputHelper output)
    {
        (_centre, Local, Topic, _output) = (centre, local, topic, output);
        Options = SyncRun.Options(centre.BootstrapServers) with { Partitions = 4, TransactionTimeout = TimeSpan.FromSeconds(10) };
    }

    public LocalLog Local { get; }
    public string Topic { get; }
    public SyncOptions Options { get; }
    public SyncService? Service { get; private set; }
    public long Delivered { get; private set; }

    public static async Task<Scenario> CreateAsync(TestCentre centre, string device, ITestOutputHelper output, LocalLog? local = null, string? topic = null)
    {
        local ??= new LocalLog(device);
        topic ??= $"t-{device}";
        if (!local.Journal.Topics.All.Any(known => known.Name == topic)) await local.CreateTopicAsync(topic);
        return new Scenario(centre, local, topic, output);
    }

    public async Task AppendAsync(int count)
    {
        int from = _appended;
        _appended += count;
        await Local.AppendAsync(Local.TopicOf(Topic), count, from);
    }

    public async Task StartAsync(bool ignoresTaint = false) => Service = await SyncRun.StartAsync(Options, Local.Journal, ignoresTaint);

    /// <summary>As a kill would end it.</summary>
    public async Task KillAsync()
    {
        await Service!.StopAbruptlyAsync();
        Service = null;
    }

    public async Task StopAsync()
    {
        await Service!.StopAsync(CancellationToken.None);
        Service = null;
    }

    /// <summary>Everything goes up, then the centre is read.</summary>
    public async Task DrainAndProveAsync()
    {
        if (Service is null) await StartAsync();
        await SyncRun.DrainedAsync(Service!);
        await ProveAsync();
    }

    /// <summary>Nothing lost, twice or out of order, against the device's own account.</summary>
    public async Task ProveAsync()
    {
        AuditReport report = await AuditAsync();
        Delivered = report.Delivered;
        SyncStatus? status = Service?.Status;
        _output.WriteLine($"{Topic}: {report.Verdict}; delivered {report.Delivered}, lost {report.Lost}, twice {report.Duplicated}, reordered {report.Reordered}; {status?.Transactions} transactions, {status?.TransactionsAborted} aborted, {status?.Sessions} producers; last error: {status?.LastError}");
        Assert.Equal(("ok", 0L, 0L, 0L), (report.Verdict, report.Lost, report.Duplicated, report.Reordered));
    }

    public Task<AuditReport> AuditAsync() => CentreAudit.RunAsync(new AuditOptions
    {
        BootstrapServers = _centre.BootstrapServers,
        Topic = Topic,
        Expected = [.. Local.TopicOf(Topic).Partitions.Where(partition => partition.HighWatermark > 0)
            .Select(partition => new ChainExpectation(Local.Journal.DeviceId, Local.Journal.LogId, Topic, partition.Index, 0, partition.HighWatermark))],
    }, TimeProvider.System, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (Service is not null) await Service.DisposeAsync();
        await Local.DisposeAsync();
    }
}
