using Edge.Hardware.Detection;
using Edge.Hardware.Simulation;
using Edge.Hardware.Tests.Sampling;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Hardware.Tests.Simulation;

public sealed class SimulationTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1795413600123));

    // Goal: the demonstration plant works through the real drivers. Method: every default sensor gives good, plausible values.
    [Fact]
    public async Task Simulate_DefaultSensors_AllGiveGoodReadings()
    {
        await using SensorHost host = Host(new HardwareOptions { Simulate = true, SimulationFaults = false }, SimulatedSensors.Default);
        foreach (SensorOptions sensor in SimulatedSensors.Default)
        {
            IReadOnlyList<SensorReading> readings = await host.ReadOnceAsync(sensor.Name);
            Assert.NotEmpty(readings);
            Assert.All(readings, r => Assert.True(r.Quality == SensorQuality.Good, $"{sensor.Name}: {r}"));
        }
        IReadOnlyList<SensorReading> climate = await host.ReadOnceAsync("climate");
        Assert.InRange(climate.Single(static r => r.Metric == "temperature").Value, 10, 30);
        Assert.InRange(climate.Single(static r => r.Metric == "pressure").Value, 99_000, 104_000);
    }

    [Fact]
    public void Plant_SameSeed_IsTheSamePlantAnotherSeedIsNot()
    {
        var (a, b, c) = (new Plant(_time, 7, true), new Plant(_time, 7, true), new Plant(_time, 8, true));
        _time.Advance(TimeSpan.FromSeconds(1234));
        Assert.Equal((a.Temperature(), a.Humidity(), a.FaultOf(3)), (b.Temperature(), b.Humidity(), b.FaultOf(3)));
        Assert.NotEqual(a.Temperature(), c.Temperature());
    }

    [Fact]
    public void Plant_OverADay_WarmsByDayAndHasAFaultInEachSpan()
    {
        var plant = new Plant(_time, 1, true);
        var (temperatures, faults, last) = (new List<double>(), 0, false);
        for (int i = 0; i < 24 * 360; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            temperatures.Add(plant.Temperature());
            bool isFaulty = plant.FaultOf(0) != 0;
            if (isFaulty && !last) faults++;
            last = isFaulty;
        }
        Assert.InRange(temperatures.Max() - temperatures.Min(), 6, 14);
        Assert.InRange(faults, 138, 145); // one every ten minutes
    }

    [Fact]
    public async Task Simulate_FaultComes_SensorFailsAndRecovers()
    {
        await using SensorHost host = Host(new HardwareOptions { Simulate = true }, [new() { Name = "climate", Driver = "bme280", Retries = 0, Settings = { ["address"] = "0x76" } }]);
        await host.StartAsync(CancellationToken.None);
        for (long end = Environment.TickCount64 + 20_000; host.Status[0].Faults == 0 || !host.Status[0].IsHealthy; await Task.Delay(1))
        {
            Assert.True(Environment.TickCount64 < end, "no fault within 20 s of real time");
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Simulate_Trace_IsReplayed()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "seconds,quantity,value\n0,temperature,10\n0,current,1\n100,temperature,20\n100,current,2\n");
            await using SensorHost host = Host(new HardwareOptions { Simulate = true, SimulationFaults = false, Trace = path }, [new() { Name = "t", Driver = "sht4x" }]);
            Assert.Equal(10, (await host.ReadOnceAsync("t"))[0].Value, 0.01);
            _time.Advance(TimeSpan.FromSeconds(25));
            Assert.Equal(12.5, (await host.ReadOnceAsync("t"))[0].Value, 0.01);
            _time.Advance(TimeSpan.FromSeconds(100)); // it begins again
            Assert.Equal(12.5, (await host.ReadOnceAsync("t"))[0].Value, 0.01);
        }
        finally { File.Delete(path); }
    }

    [Theory]
    [InlineData("", "no line with a value")]
    [InlineData("0,temperature", "line 1 is '0,temperature'")]
    [InlineData("5,flow,1\n4,flow,2", "line 2 is '4,flow,2'")]
    [InlineData("0,colour,1", "line 1 has the quantity 'colour'")]
    public void Trace_Bad_NamesTheLine(string text, string says)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            Assert.Contains(says, Assert.Single(SensorOptionsValidator.Validate([], new HardwareOptions { Simulate = true, Trace = path })), StringComparison.Ordinal);
        }
        finally { File.Delete(path); }
    }

    [Fact]
    public void Validate_WrongBoardOrTraceWithoutSimulation_SaysWhatIsAllowed()
    {
        Assert.Contains("use one of auto, pi-zero-2w", Assert.Single(SensorOptionsValidator.Validate([], new HardwareOptions { Board = "pi9" })), StringComparison.Ordinal);
        Assert.Contains("Hardware:Simulate is not", Assert.Single(SensorOptionsValidator.Validate([], new HardwareOptions { Trace = "/x" })), StringComparison.Ordinal);
    }

    [Fact]
    public void Detect_SimulatedPlant_FindsItsDevicesAndProposesWhatWorks()
    {
        var options = new HardwareOptions { Simulate = true, SimulationFaults = false };
        DetectedHardware found = HardwareTools.Detect(options, SimulatedSensors.Default, _time, CancellationToken.None);
        string[] drivers = [.. found.Devices.Select(static d => $"{d.Bus} {d.Address} {d.Drivers[0]}{(d.IsCertain ? "" : "?")}")];
        Assert.Contains("i2c-1 0x76 bme280", drivers);
        Assert.Contains("i2c-1 0x62 scd4x", drivers);
        Assert.Contains("i2c-1 0x68 mpu6050", drivers);
        Assert.Contains("i2c-1 0x40 ina226", drivers); // the model of both answers with the INA226's id
        Assert.Contains("i2c-1 0x23 bh1750?", drivers);
        Assert.Contains("w1 28-000001c2b1a4 ds18b20", drivers);
        Assert.Empty(SensorOptionsValidator.Validate([.. found.Proposed], options));
    }

    [Fact]
    public void Pins_ConfiguredSensors_AreInThePicture()
    {
        IReadOnlyList<PinUse> pins = HardwareTools.Pins(new HardwareOptions { Simulate = true }, SimulatedSensors.Default, _time);
        Assert.Equal(40, pins.Count);
        Assert.Equal(("GPIO2", "SDA1", "I2C bus 1"), (pins[2].Label, pins[2].Function, pins[2].ConfiguredFor));
        Assert.Equal(("GPIO17", "flow"), (pins[10].Label, pins[10].ConfiguredFor));
        Assert.Equal(("GND", ""), (pins[5].Label, pins[5].ConfiguredFor));
    }

    private SensorHost Host(HardwareOptions hardware, IReadOnlyList<SensorOptions> sensors) =>
        new(sensors, Edge.Hardware.Buses.HardwareFactory.Create(hardware, sensors, _time), new FakeSink(), null, _time, NullLoggerFactory.Instance);
}
