using System.Collections.Concurrent;
using Edge.Hardware.Buses;
using Edge.Hardware.Simulation;
using Edge.Hardware.Simulation.Models;
using Edge.Hardware.Boards;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Hardware.Tests.Sampling;

/// <summary>Sensors that share a bus: one thread, recovery, and nobody held up by a neighbour.</summary>
public sealed class BusTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1795413600123));
    private readonly FakeSink _sink = new();
    private readonly SimulatedHardware _hardware;

    public BusTests() => _hardware = new SimulatedHardware(BoardProfiles.Find("pi4")!, _time);

    [Fact]
    public async Task Sensors_OnOneBus_AreReadByOneThreadOthersByTheirOwn()
    {
        var threads = new ConcurrentDictionary<int, string>();
        ThreadModel On(string name) => new(name, threads);
        _hardware.I2c.Add(1, 0x44, On("a"));
        _hardware.I2c.Add(1, 0x45, On("a"));
        _hardware.I2c.Add(3, 0x44, On("b"));
        await using SensorHost host = Host(Sensor("x", "sht3x", ("address", "0x44")), Sensor("y", "sht3x", ("address", "0x45")), Sensor("z", "sht3x", ("bus", "3")));
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status.All(static s => s.Reads >= 3));
        Assert.Equal(["a", "b"], threads.Values.Distinct().Order());
        Assert.Equal(2, threads.Count);
        Assert.Equal(["i2c-1", "i2c-1", "i2c-3"], host.Status.Select(static s => s.Bus));
    }

    [Fact]
    public async Task Sensor_AbsentOnTheBus_NeighbourGoesOnAndItIsFoundWhenPluggedIn()
    {
        _hardware.I2c.Add(1, 0x44, CommandModels.Sht3x(static () => (20, 50)));
        await using SensorHost host = Host(Sensor("there", "sht3x"), Sensor("absent", "bh1750"));
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Reads >= 5 && host.Status[1].Faults >= 2);
        Assert.True(host.Status[0].IsHealthy);
        Assert.Contains("i2c-1 address 0x23: no device answers", host.Status[1].LastError, StringComparison.Ordinal);
        _hardware.I2c.Add(1, 0x23, new Bh1750Model(static () => 120));
        await UntilAsync(() => host.Status[1].IsHealthy && host.Status[1].Values.Count == 1);
        Assert.Equal(120, host.Status[1].Values[0].Value, 1.0);
    }

    [Fact]
    public async Task Read_OneDisturbedTransfer_IsRetriedAndNobodyNotices()
    {
        _hardware.I2c.Add(1, 0x44, CommandModels.Sht3x(static () => (20, 50)));
        int answers = 0;
        _hardware.I2c.Disturb = (_, _, bytes) => { if (bytes.Length == 6 && ++answers % 3 == 1) bytes[1] ^= 1; };
        await using SensorHost host = Host(Sensor("x", "sht3x"));
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Reads >= 6);
        Assert.Equal(0, host.Status[0].Faults);
        Assert.True(host.Status[0].Retried >= 3);
    }

    [Fact]
    public async Task Read_NoRetriesConfigured_FailsAtTheFirstFault()
    {
        _hardware.I2c.Add(1, 0x44, CommandModels.Sht3x(static () => (20, 50)));
        SensorOptions options = Sensor("x", "sht3x");
        options.Retries = 0;
        await using SensorHost host = Host(options);
        await host.ReadOnceAsync("x");
        _hardware.I2c.Disturb = static (_, _, bytes) => { if (bytes.Length == 6) bytes[1] ^= 1; };
        Assert.Contains("checksum does not match", (await Assert.ThrowsAsync<SensorException>(() => host.ReadOnceAsync("x"))).Message, StringComparison.Ordinal);
        Assert.Equal(0, host.Status[0].Retried);
    }

    // Goal: a device that holds SDA is freed by clock pulses (UM10204, 3.1.16). Method: a line that stays low until it has seen seven pulses, and an adapter that times out meanwhile.
    [Fact]
    public async Task Bus_DeviceHoldsTheDataLine_IsFreedByClockPulses()
    {
        int pulses = 0;
        bool isStuck = false;
        _hardware.I2c.Add(1, 0x44, CommandModels.Sht3x(static () => (20, 50)));
        _hardware.I2c.Fault = (_, _) => isStuck ? 110 : 0;
        _hardware.Gpio.HeldFromOutside = line => line == "GPIO2" && isStuck ? false : null;
        _hardware.Gpio.Written = (line, level) => { if (line == "GPIO3" && level && isStuck && ++pulses > 7) isStuck = false; }; // the first is the request itself
        await using SensorHost host = Host(Sensor("x", "sht3x"));
        await host.StartAsync(CancellationToken.None);
        await UntilAsync(() => host.Status[0].Reads >= 1);
        isStuck = true;
        await UntilAsync(() => host.Buses[0].Recoveries == 1);
        await UntilAsync(() => host.Status[0].IsHealthy);
        Assert.False(isStuck);
        Assert.Equal(0, host.Buses[0].FailedRecoveries);
    }

    [Theory]
    [InlineData("GPIO2", "SDA (header pin 3) stays low after 9 clock pulses: a short")]
    [InlineData("GPIO3", "SCL (header pin 5) is held low")]
    public void Recovery_ALineIsShorted_SaysWhichPin(string line, string says)
    {
        _hardware.Gpio.HeldFromOutside = l => l == line ? false : null;
        Assert.Contains(says, Assert.Throws<BusException>(() => _hardware.RecoverI2c(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_NoReadingForLong_ShowsTheLastValuesAsStale()
    {
        _hardware.I2c.Add(1, 0x44, CommandModels.Sht3x(static () => (20, 50)));
        await using SensorHost host = Host(Sensor("x", "sht3x"));
        await host.ReadOnceAsync("x");
        Assert.Equal(SensorQuality.Good, host.Status[0].Values[0].Quality);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal((SensorQuality.Stale, "the last reading is old"), (host.Status[0].Values[0].Quality, host.Status[0].Values[0].Error));
    }

    public void Dispose() => _hardware.Dispose();

    private static SensorOptions Sensor(string name, string driver, params (string Name, string Value)[] settings) => new() { Name = name, Driver = driver, Settings = settings.ToDictionary(static s => s.Name, static s => s.Value) };

    private SensorHost Host(params SensorOptions[] sensors) => new(sensors, _hardware, _sink, null, _time, NullLoggerFactory.Instance);

    private async Task UntilAsync(Func<bool> condition)
    {
        for (long end = Environment.TickCount64 + 20_000; !condition(); await Task.Delay(5))
        {
            Assert.True(Environment.TickCount64 < end, "not within 20 s");
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }
    }

    /// <summary>Notes which thread talks to it.</summary>
    private sealed class ThreadModel(string name, ConcurrentDictionary<int, string> threads) : ISimulatedI2c
    {
        private readonly CommandModel _inner = CommandModels.Sht3x(static () => (20, 50));

        public void Write(ReadOnlySpan<byte> bytes)
        {
            threads.TryAdd(Environment.CurrentManagedThreadId, name);
            _inner.Write(bytes);
        }

        public void Read(Span<byte> bytes) => _inner.Read(bytes);
    }
}
