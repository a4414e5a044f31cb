using System.Text;
using Edge.Catalog.Store;
using LiteDB;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Catalog.Tests;

public sealed class CatalogStoreTests : IDisposable
{
    private static readonly DateTimeOffset T0 = new(2026, 11, 23, 6, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _folder = new();
    private readonly FakeTruth _truth = new();
    private readonly FakeTimeProvider _time = new(T0);

    private string DatabasePath => _folder.File("catalog.db");

    [Fact]
    public async Task Questions_AfterStart_AnswerWhatTheJournalHas()
    {
        await FillAsync();
        await using CatalogStore store = await OpenAsync();
        Assert.Equal(Device("press-1"), store.Device("press-1"));
        Assert.Null(store.Device("PRESS-1"));
        Assert.Equal(["PRESS-2", "press-1"], store.Devices().Select(d => d.ClientId)); // two devices, by bytes: the case of a name counts
        Assert.Equal(["press-1"], store.Devices(after: "PRESS-2").Select(d => d.ClientId));
        Assert.Equal(2, store.DeviceCount);
        Assert.Equal(Topic("telemetry"), Assert.Single(store.Topics()));
        Assert.Equal([Route(0), Route(1), Route(10)], store.Routes());
        CatalogSensor sensor = Assert.Single(store.Sensors());
        Assert.Equal(("host", TimeSpan.FromSeconds(1), "/data,/"), (sensor.Name, sensor.Interval, sensor.Settings["disks"]));
    }

    [Fact]
    public async Task Start_FileDeleted_LosesNothing()
    {
        await FillAsync();
        await using (CatalogStore store = await OpenAsync()) Assert.Equal(2, store.DeviceCount);
        foreach (string file in Directory.GetFiles(_folder.Path)) File.Delete(file);
        await using CatalogStore again = await OpenAsync();
        Assert.Equal(2, again.DeviceCount);
        Assert.Equal(3, again.Routes().Count);
        Assert.Equal(0, again.Statistics.Rebuilds);
    }

    // Goal: a file that is behind (or ahead of) the journal is brought in step, and one in step is not written. Method: change the journal between two starts.
    [Fact]
    public async Task Start_FileDiffersFromJournal_OnlyTheDifferenceIsWritten()
    {
        await FillAsync();
        await using (CatalogStore store = await OpenAsync()) Assert.Equal(7, store.Statistics.Changes);
        await using (CatalogStore store = await OpenAsync()) Assert.Equal(0, store.Statistics.Changes);
        await PutAsync(Device("press-1") with { Address = "elsewhere" });
        await PutAsync(Device("new"));
        await _truth.PutAsync(CatalogKeys.ForDevice("PRESS-2"), null);
        _truth.PutTopic("telemetry", null);
        await using (CatalogStore store = await OpenAsync())
        {
            Assert.Equal(4, store.Statistics.Changes);
            Assert.Equal(["new", "press-1"], store.Devices().Select(d => d.ClientId));
            Assert.Equal("elsewhere", store.Device("press-1")!.Address);
            Assert.Empty(store.Topics());
        }
    }

    [Fact]
    public async Task Changes_FewerThanABatch_AreWrittenTogetherWhenTheTimeIsUp()
    {
        await using CatalogStore store = await OpenAsync();
        long before = store.Statistics.Batches;
        for (int i = 0; i < 50; i++) await PutAsync(Device($"d{i}"));
        _truth.PutTopic("late", Topic("late"));
        Assert.Equal(51, store.Statistics.Waiting);
        Assert.Equal(0, store.DeviceCount); // the clock stands still: nothing may be written yet
        await Wait.UntilAsync(() => store.DeviceCount == 50, "batch written", () => _time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(before + 1, store.Statistics.Batches);
        Assert.Equal("late", Assert.Single(store.Topics()).Name);
    }

    [Fact]
    public async Task Changes_AFullBatch_IsWrittenWithoutWaiting()
    {
        await using CatalogStore store = await OpenAsync();
        for (int i = 0; i < CatalogStore.BatchSize; i++) await PutAsync(Device($"d{i:000}"));
        await Wait.UntilAsync(() => store.Statistics.Waiting == 0 && store.DeviceCount == CatalogStore.BatchSize, "full batch written"); // the clock never moves
        Assert.True(store.Statistics.Batches <= 2);
    }

    [Fact]
    public async Task Flush_ChangesWaiting_WritesThem()
    {
        await using CatalogStore store = await OpenAsync();
        await PutAsync(Device("a"));
        await PutAsync(Device("b"));
        await _truth.PutAsync(CatalogKeys.ForDevice("b"), null); // put and removed within one batch
        store.Flush();
        Assert.Equal(["a"], store.Devices().Select(d => d.ClientId));
    }

    [Fact]
    public async Task Dispose_ChangesWaiting_AreInTheFile()
    {
        await using (CatalogStore store = await OpenAsync()) await PutAsync(Device("last"));
        await using CatalogStore again = await OpenAsync();
        Assert.Equal(0, again.Statistics.Changes);
        Assert.NotNull(again.Device("last"));
    }

    [Fact]
    public async Task Start_FileIsGarbage_IsMovedAsideAndRebuilt()
    {
        await FillAsync();
        byte[] garbage = new byte[5 * 8192]; // whole pages: LiteDB cuts off the rest of one when it opens a file
        new Random(7).NextBytes(garbage);
        await File.WriteAllBytesAsync(DatabasePath, garbage);
        await using CatalogStore store = await OpenAsync();
        Assert.Equal(2, store.DeviceCount);
        Assert.Equal(1, store.Statistics.Rebuilds);
        Assert.False(store.Statistics.IsInMemory);
        Assert.Equal(garbage, await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(_folder.Path, "*.damaged-*"))));
    }

    // Goal: no damage of the file stops the catalog or makes it answer wrongly. Method: overwrite each 4 KiB block in turn, then ask everything.
    [Fact]
    public async Task Start_AnyBlockOfTheFileDamaged_AnswersFromTheJournal()
    {
        await FillAsync();
        for (int i = 0; i < 60; i++) await PutAsync(Device($"device-{i:00}"));
        await using (CatalogStore store = await OpenAsync()) Assert.Equal(62, store.DeviceCount);
        byte[] good = await File.ReadAllBytesAsync(DatabasePath);
        for (int at = 0; at < good.Length; at += 4096)
        {
            byte[] bad = [.. good];
            bad.AsSpan(at, 4096).Fill(0xA5);
            foreach (string file in Directory.GetFiles(_folder.Path)) File.Delete(file);
            await File.WriteAllBytesAsync(DatabasePath, bad);
            await using CatalogStore store = await OpenAsync();
            Assert.Equal(62, store.Devices().Count);
            Assert.Equal(Device("device-59"), store.Device("device-59"));
            Assert.Equal(3, store.Routes().Count);
            Assert.Equal("telemetry", Assert.Single(store.Topics()).Name);
        }
    }

    [Fact]
    public async Task Start_FileLockedByAnother_IsMovedAsideAndRebuilt()
    {
        await FillAsync();
        using var other = new LiteDatabase(new ConnectionString { Filename = DatabasePath, Connection = ConnectionType.Direct });
        other.GetCollection("x").Insert(new BsonDocument { ["a"] = 1 });
        await using CatalogStore store = await OpenAsync();
        Assert.Equal(2, store.DeviceCount);
        Assert.Equal(1, store.Statistics.Rebuilds);
        Assert.False(store.Statistics.IsInMemory);
    }

    [Fact]
    public async Task Start_NoFileCanBeMade_WorksInMemory()
    {
        await FillAsync();
        await File.WriteAllTextAsync(_folder.File("not-a-folder"), "x");
        await using var store = new CatalogStore(_folder.File("not-a-folder/catalog.db"), _truth, _time, NullLoggerFactory.Instance);
        store.Start();
        await store.Following.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(store.Statistics.IsInMemory);
        await PutAsync(Device("another"));
        store.Flush();
        Assert.Equal(3, store.DeviceCount);
    }

    [Fact]
    public async Task MoveAside_ManyTimes_KeepsTheNewestOnly()
    {
        for (int i = 0; i < 5; i++)
        {
            await File.WriteAllTextAsync(DatabasePath, $"damaged {i}");
            Assert.NotNull(DamagedFiles.MoveAside(DatabasePath, T0.AddMinutes(i), keep: true));
        }
        Assert.Equal(["damaged 3", "damaged 4"], Directory.GetFiles(_folder.Path).Order().Select(File.ReadAllText));
    }

    [Fact]
    public async Task Rebuild_FileInUse_IsMadeAnewFromTheJournal()
    {
        await FillAsync();
        await using CatalogStore store = await OpenAsync();
        store.Rebuild();
        Assert.Equal(2, store.DeviceCount);
        Assert.Equal(14, store.Statistics.Changes);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.damaged-*"));
    }

    [Theory]
    [InlineData("device/x", "not json")]
    [InlineData("device/x", "[]")]
    [InlineData("device/x", """{"firstSeen":"yesterday"}""")]
    [InlineData("device/x", """{"firstSeen":999999999999999999}""")]
    [InlineData("route/1", """{"priority":1e99}""")]
    public async Task Start_EntryInAnUnknownForm_IsCountedAndLeftOut(string key, string value)
    {
        await FillAsync();
        await _truth.PutAsync(key, Encoding.UTF8.GetBytes(value));
        await using CatalogStore store = await OpenAsync();
        Assert.Equal(1, store.Statistics.Unreadable);
        Assert.Equal(2, store.DeviceCount);
    }

    [Fact]
    public async Task Device_VeryLongNames_AreKeptApart()
    {
        string one = new string('n', 2000) + "1", two = new string('n', 2000) + "2";
        await PutAsync(Device(one));
        await PutAsync(Device(two));
        await using CatalogStore store = await OpenAsync();
        Assert.Equal(one, store.Device(one)!.ClientId);
        Assert.Equal(two, store.Device(two)!.ClientId);
    }

    [Fact]
    public async Task SetConfiguration_RoutesAndSensorsChanged_WritesOnlyWhatDiffers()
    {
        await using CatalogStore store = await OpenAsync();
        Assert.True(await store.SetConfigurationAsync([Route(0), Route(1)], [Sensor("host"), Sensor("attic")]));
        Assert.Equal(4, _truth.Puts);
        Assert.True(await store.SetConfigurationAsync([Route(0), Route(1)], [Sensor("host"), Sensor("attic")]));
        Assert.Equal(4, _truth.Puts);
        Assert.True(await store.SetConfigurationAsync([Route(0) with { Topic = "other" }], [Sensor("host")]));
        Assert.Equal(7, _truth.Puts);
        store.Flush();
        Assert.Equal("other", Assert.Single(store.Routes()).Topic);
        Assert.Equal("host", Assert.Single(store.Sensors()).Name);
        _truth.Refuses = true;
        Assert.False(await store.SetConfigurationAsync([], []));
    }

    [Fact]
    public async Task Questions_Stopped_SayThatItIsStopped()
    {
        CatalogStore store = await OpenAsync();
        await store.DisposeAsync();
        await store.DisposeAsync();
        Assert.True(Assert.Throws<CatalogUnavailableException>(() => store.Topics()).IsTransient);
    }

    public void Dispose() => _folder.Dispose();

    private static CatalogDevice Device(string id) => new(id, T0, T0.AddMilliseconds(123), id == "press-1" ? "anna" : null, "192.168.1.20:5001", 7);

    private static CatalogTopic Topic(string name) => new(name, new Guid("6f1c5c0e-2f0b-4b55-8a0a-3a1c5d1f9a11"), 4, -1, 1L << 40, "compact,delete", "reject", false);

    private static CatalogRoute Route(int index) => new(index, "a/+/#", "t{1}", "{#}", index - 3, "");

    private static CatalogSensor Sensor(string name) => new(name, "host", "host", "{metric}", TimeSpan.FromSeconds(1), new Dictionary<string, string> { ["disks"] = "/data,/" });

    private Task PutAsync(CatalogDevice device) => _truth.PutAsync(CatalogKeys.ForDevice(device.ClientId), CatalogJson.Write(device));

    private async Task FillAsync()
    {
        await PutAsync(Device("press-1"));
        await PutAsync(Device("PRESS-2"));
        foreach (int i in new[] { 0, 1, 10 }) await _truth.PutAsync(CatalogKeys.ForRoute(i), CatalogJson.Write(Route(i)));
        await _truth.PutAsync(CatalogKeys.ForSensor("host"), CatalogJson.Write(Sensor("host")));
        await _truth.PutAsync("audit/1", new byte[] { 1 }); // of another room: not the catalog's
        _truth.PutTopic("telemetry", Topic("telemetry"));
    }

    private async Task<CatalogStore> OpenAsync()
    {
        var store = new CatalogStore(DatabasePath, _truth, _time, NullLoggerFactory.Instance);
        store.Start();
        await store.Following.WaitAsync(TimeSpan.FromSeconds(20));
        return store;
    }
}
