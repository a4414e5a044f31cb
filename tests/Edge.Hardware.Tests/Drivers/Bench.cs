using Edge.Hardware.Boards;
using Edge.Hardware.Drivers;
using Edge.Hardware.Gpio;
using Edge.Hardware.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Hardware.Tests.Drivers;

/// <summary>A simulated Raspberry Pi 4 to put devices on, and drivers made for it as the configuration makes them.</summary>
internal sealed class Bench : IDisposable
{
    private readonly List<ISensor> _made = [];

    public Bench(string board = "pi4") => Hardware = new SimulatedHardware(BoardProfiles.Find(board)!, Time);

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1795413600123));

    public SimulatedHardware Hardware { get; }

    public GpioEventLoop Events { get; } = new();

    public ClaimedParts Claimed { get; } = new();

    public ISensor Create(string driver, params (string Name, string Value)[] settings)
    {
        IReadOnlyList<string> problems = TryCreate(driver, out ISensor? sensor, settings);
        return sensor ?? throw new ArgumentException(string.Join(" ", problems));
    }

    public IReadOnlyList<string> TryCreate(string driver, out ISensor? sensor, params (string Name, string Value)[] settings)
    {
        var problems = new List<string>();
        var options = new SensorOptions { Name = $"{driver}-{_made.Count}", Driver = driver, Settings = settings.ToDictionary(s => s.Name, s => s.Value) };
        sensor = SensorDrivers.Create(options, "Sensors:0", problems, Hardware, Events, Claimed, Time);
        if (sensor is not null) _made.Add(sensor);
        return problems;
    }

    public IReadOnlyList<string> Problems(string driver, params (string Name, string Value)[] settings) => TryCreate(driver, out _, settings);

    public static IReadOnlyList<SensorReading> Read(ISensor sensor)
    {
        var buffer = new ReadingBuffer(1000);
        sensor.Read(buffer);
        return buffer.Readings;
    }

    public static IReadOnlyList<SensorReading> OpenAndRead(ISensor sensor)
    {
        sensor.Open();
        return Read(sensor);
    }

    public static double Value(IReadOnlyList<SensorReading> readings, string metric) => readings.Single(r => r.Metric == metric).Value;

    public void Dispose()
    {
        foreach (ISensor sensor in _made) sensor.Dispose();
        Events.Dispose();
        Hardware.Dispose();
    }
}
