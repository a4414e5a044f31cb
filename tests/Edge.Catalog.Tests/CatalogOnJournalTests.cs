using Edge.Log;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Catalog.Tests;

/// <summary>Catalog and registry over a real journal (on a simulated disk), with restarts.</summary>
public sealed class CatalogOnJournalTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SimulatedDisk _disk = new(1);

    [Fact]
    public async Task Catalog_FollowsTheJournal_AndOutlivesItsFile()
    {
        await using (Journal journal = Open())
        {
            await using CatalogStore catalog = await CatalogAsync(journal);
            TopicChange made = await journal.Topics.CreateAsync("telemetry", 12, new TopicConfig { RetentionMs = -1 });
            Assert.Equal(TopicChangeStatus.Ok, made.Status);
            await journal.Topics.CreateAsync("short", 1, new TopicConfig());
            await journal.Topics.DeleteAsync("short");
            await using (var registry = new DeviceRegistry(journal, TimeProvider.System, NullLoggerFactory.Instance))
            {
                registry.Start();
                for (int i = 0; i < 250; i++) registry.Seen($"device-{i:000}", "anna", "10.0.0.1:1");
            }
            Assert.True(await catalog.SetConfigurationAsync([new(0, "#", "telemetry", "{topic}", 0, "")], [new("host", "host", "host", "{metric}", TimeSpan.FromSeconds(1), new Dictionary<string, string>())]));
            await Wait.UntilAsync(() => catalog.DeviceCount == 250 && catalog.Routes().Count == 1 && catalog.Sensors().Count == 1 && catalog.Topics().Count(t => !t.IsInternal) == 1, "changes arrive");
            AssertAll(catalog);
        }
        foreach (string file in Directory.GetFiles(_folder.Path)) File.Delete(file);
        await using (Journal journal = Open())
        {
            await using CatalogStore catalog = await CatalogAsync(journal);
            AssertAll(catalog);
            Assert.Equal(0, catalog.Statistics.Rebuilds);
        }
        await using (Journal journal = Open())
        {
            await using CatalogStore catalog = await CatalogAsync(journal);
            Assert.Equal(0, catalog.Statistics.Changes); // in step: nothing is written
        }

        static void AssertAll(CatalogStore catalog)
        {
            Assert.Equal(250, catalog.DeviceCount);
            Assert.Equal(("anna", 1L), (catalog.Device("device-249")!.User, catalog.Device("device-249")!.Connects));
            CatalogTopic topic = Assert.Single(catalog.Topics(), t => !t.IsInternal);
            Assert.Equal(("telemetry", 12, -1L, "reject"), (topic.Name, topic.Partitions, topic.RetentionMs, topic.Full));
            Assert.Equal("{topic}", Assert.Single(catalog.Routes()).Key);
            Assert.Equal("host", Assert.Single(catalog.Sensors()).Name);
        }
    }

    [Fact]
    public async Task Registry_JournalStopped_CountsFailedWritesAndEnds()
    {
        Journal journal = Open();
        var registry = new DeviceRegistry(journal, TimeProvider.System, NullLoggerFactory.Instance);
        registry.Start();
        await journal.DisposeAsync();
        registry.Seen("late", null, "a");
        await registry.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(registry.FailedWrites > 0);
        Assert.Equal(0, registry.Writes);
    }

    public void Dispose() => _folder.Dispose();

    private Journal Open()
    {
        var journal = Journal.Open(_disk, new LogOptions { SegmentBytes = 8 << 20, MaxBytes = 1L << 30, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        return journal;
    }

    private async Task<CatalogStore> CatalogAsync(Journal journal)
    {
        var store = new CatalogStore(_folder.File("catalog.db"), journal, TimeProvider.System, NullLoggerFactory.Instance);
        store.Start();
        await store.Following.WaitAsync(TimeSpan.FromSeconds(20));
        return store;
    }
}
