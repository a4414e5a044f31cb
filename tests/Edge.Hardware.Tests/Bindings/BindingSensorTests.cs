using Edge.Hardware.Bindings;
using Edge.Hardware.Simulation.Models;
using Edge.Hardware.Tests.Drivers;
using Xunit;

namespace Edge.Hardware.Tests.Bindings;

public sealed class BindingSensorTests : IDisposable
{
    private readonly Bench _bench = new();

    // Goal: any class with properties or Try… methods becomes a sensor. Method: one of each, in place of a package that may not be here.
    [Fact]
    public void Read_PropertyAndTryMethod_BecomeReadingsOneFailingLeavesTheOther()
    {
        _bench.Hardware.I2c.Add(1, 0x23, new Bh1750Model(static () => 0));
        var binding = new FakeBinding();
        using var sensor = new BindingSensor<FakeBinding>("x", () => _bench.Hardware.OpenI2c(1, 0x23), "i2c-1", device => binding)
            .Value("distance", "m", static b => b.Millimetres / 1000.0, 0, 2)
            .Try("temperature", "Cel", static (FakeBinding b, out double v) => b.TryReadTemperature(out v));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(sensor);
        Assert.Equal([("distance", 1.25, SensorQuality.Good), ("temperature", 21.5, SensorQuality.Good)], readings.Select(static r => (r.Metric, r.Value, r.Quality)));
        binding.HasTemperature = false;
        binding.Millimetres = 5000;
        Assert.Equal([SensorQuality.OutOfRange, SensorQuality.Fault], Bench.Read(sensor).Select(static r => r.Quality));
        sensor.Dispose();
        Assert.True(binding.IsDisposed);
        Assert.Throws<SensorException>(() => Bench.Read(sensor));
    }

    // In a build without the package (the ordinary one) nothing is promised; in one with it, its drivers are configured like any other.
    [Fact]
    public void Register_WithOrWithoutThePackage_PromisesWhatIsThere()
    {
        IotBindings.Register();
        foreach (string name in IotBindings.Names) Assert.Empty(_bench.Problems(name));
        Assert.Equal(IotBindings.Names.Count > 0, Edge.Hardware.Drivers.SensorDrivers.Names.Contains("iot-vl53l0x"));
    }

    public void Dispose() => _bench.Dispose();

    private sealed class FakeBinding : IDisposable
    {
        public int Millimetres { get; set; } = 1250;

        public bool HasTemperature { get; set; } = true;

        public bool IsDisposed { get; private set; }

        public bool TryReadTemperature(out double celsius)
        {
            celsius = 21.5;
            return HasTemperature;
        }

        public void Dispose() => IsDisposed = true;
    }
}
