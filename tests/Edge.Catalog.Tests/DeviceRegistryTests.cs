using Edge.Catalog.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Catalog.Tests;

public sealed class DeviceRegistryTests
{
    private static readonly DateTimeOffset T0 = new(2026, 11, 23, 6, 0, 0, TimeSpan.Zero);
    private readonly FakeTruth _truth = new();
    private readonly FakeTimeProvider _time = new(T0);

    [Fact]
    public async Task Seen_NewDevice_IsWrittenAtOnce()
    {
        await using DeviceRegistry registry = Start();
        registry.Seen("press-1", "anna", "10.0.0.7:5001");
        await Wait.UntilAsync(() => registry.Writes == 1, "written");
        Assert.Equal(new CatalogDevice("press-1", T0, T0, "anna", "10.0.0.7:5001", 1), Read("press-1"));
    }

    [Fact]
    public async Task Seen_OftenWithinAMinute_IsWrittenOnce()
    {
        await using DeviceRegistry registry = Start();
        registry.Seen("press-1", null, "a");
        await Wait.UntilAsync(() => registry.Writes == 1, "first write");
        for (int i = 0; i < 30; i++) registry.Seen("press-1", "bert", $"b{i}");
        registry.Seen("other", null, "c"); // the queue is in order: once this one is written, those before it were taken
        await Wait.UntilAsync(() => registry.Writes == 2, "other written");
        Assert.Equal(2, _truth.Puts);
        Assert.Equal(1, Read("press-1")!.Connects);
        await Wait.UntilAsync(() => registry.Writes == 3, "written when the minute is over", () => _time.Advance(TimeSpan.FromSeconds(5)));
        Assert.True(_time.GetUtcNow() - T0 >= DeviceRegistry.WriteInterval);
        Assert.Equal(new CatalogDevice("press-1", T0, T0, "bert", "b29", 31), Read("press-1"));
    }

    [Fact]
    public async Task Dispose_SightingsNotWritten_AreWritten()
    {
        DeviceRegistry registry = Start();
        registry.Seen("press-1", null, "a");
        await Wait.UntilAsync(() => registry.Writes == 1, "first write");
        registry.Seen("press-1", null, "b");
        await registry.DisposeAsync();
        Assert.Equal(("b", 2L), (Read("press-1")!.Address, Read("press-1")!.Connects));
    }

    [Fact]
    public async Task Start_DevicesInTheJournal_AreCountedOn()
    {
        await using (DeviceRegistry first = Start()) first.Seen("press-1", null, "a");
        _time.Advance(TimeSpan.FromHours(1));
        await using DeviceRegistry registry = Start();
        registry.Seen("press-1", null, "b");
        await Wait.UntilAsync(() => registry.Writes == 1, "written");
        Assert.Equal(new CatalogDevice("press-1", T0, T0.AddHours(1), null, "b", 2), Read("press-1"));
        Assert.Equal(1, registry.Known);
    }

    [Fact]
    public async Task Seen_MoreDevicesThanAllowed_AreCountedNotRemembered()
    {
        await using DeviceRegistry registry = Start(maxDevices: 3);
        for (int i = 0; i < 10; i++) registry.Seen($"d{i}", null, "a");
        await Wait.UntilAsync(() => registry.OverLimit == 7 && registry.Writes == 3, "all taken");
        Assert.Equal(["device/d0", "device/d1", "device/d2"], _truth.Entries().Select(e => e.Key).Order());
        registry.Seen("d1", null, "again"); // a known one still counts
        await registry.DisposeAsync();
        Assert.Equal("again", Read("d1")!.Address);
    }

    [Fact]
    public void Seen_NobodyTakesThem_DropsAndCountsWithoutBlocking()
    {
        var registry = new DeviceRegistry(_truth, _time, NullLoggerFactory.Instance); // not started
        for (int i = 0; i < DeviceRegistry.QueueLength + 5; i++) registry.Seen($"d{i}", null, "a");
        Assert.Equal(5, registry.Dropped);
    }

    [Fact]
    public async Task Seen_NameThatCannotBeKept_IsCounted()
    {
        await using DeviceRegistry registry = Start();
        registry.Seen("", null, "a");
        registry.Seen(new string('x', DeviceRegistry.MaxClientIdLength + 1), null, "a");
        Assert.Equal(2, registry.Refused);
    }

    [Fact]
    public async Task Write_JournalRefuses_IsTriedAgainAMinuteLater()
    {
        _truth.Refuses = true;
        await using DeviceRegistry registry = Start();
        registry.Seen("press-1", null, "a");
        await Wait.UntilAsync(() => registry.FailedWrites == 1, "refused");
        _truth.Refuses = false;
        await Wait.UntilAsync(() => registry.Writes == 1, "written", () => _time.Advance(TimeSpan.FromSeconds(5)));
        Assert.Equal("a", Read("press-1")!.Address);
    }

    private DeviceRegistry Start(int maxDevices = DeviceRegistry.DefaultMaxDevices)
    {
        var registry = new DeviceRegistry(_truth, _time, NullLoggerFactory.Instance, maxDevices);
        registry.Start();
        return registry;
    }

    private CatalogDevice? Read(string clientId) =>
        _truth.TryGetEntry(CatalogKeys.ForDevice(clientId), out ReadOnlyMemory<byte> value) ? CatalogJson.TryRead(CatalogKeys.ForDevice(clientId), value) as CatalogDevice : null;
}
