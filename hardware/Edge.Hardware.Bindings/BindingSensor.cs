using System.Device.I2c;

namespace Edge.Hardware.Bindings;

/// <summary>Turns a device binding (a class with properties, or with Try… methods) into an <see cref="ISensor"/>.</summary>
/// <remarks>
/// Each value is a small function over the binding, so nothing is found by reflection: <c>.Value("distance", "m", d => d.Distance / 1000.0)</c> for a property,
/// <c>.Try("temperature", "Cel", (d, out double v) => d.TryRead(out v))</c> for a Try… method. Units are those of the SenML registry.
/// </remarks>
public sealed class BindingSensor<T>(string name, Func<I2cDevice> open, string bus, Func<I2cDevice, T> create) : ISensor
    where T : IDisposable
{
    private readonly List<Action<T, ReadingBuffer>> _values = [];
    private T? _binding;
    private I2cDevice? _device;

    /// <summary>A Try… method: false means that there is no value this time.</summary>
    public delegate bool TryRead(T binding, out double value);

    public string Bus => bus;

    /// <summary>Adds a value that a property or method of the binding returns.</summary>
    public BindingSensor<T> Value(string metric, string unit, Func<T, double> read, double min = double.NegativeInfinity, double max = double.PositiveInfinity)
    {
        _values.Add((binding, readings) => readings.Add(metric, read(binding), unit, min, max));
        return this;
    }

    /// <summary>Adds a value that a Try… method gives; where it gives none, the metric is a fault and the others stay good.</summary>
    public BindingSensor<T> Try(string metric, string unit, TryRead read, double min = double.NegativeInfinity, double max = double.PositiveInfinity)
    {
        _values.Add((binding, readings) =>
        {
            if (read(binding, out double value)) readings.Add(metric, value, unit, min, max);
            else readings.Fault(metric, unit, "the device gave no value");
        });
        return this;
    }

    public void Open()
    {
        Dispose();
        _device = open();
        _binding = create(_device);
    }

    public void Read(ReadingBuffer readings)
    {
        T binding = _binding ?? throw new SensorException(name, "it is not open");
        foreach (Action<T, ReadingBuffer> value in _values) value(binding, readings);
    }

    /// <summary>Bindings dispose the device they were given; it is disposed here too for one that does not.</summary>
    public void Dispose()
    {
        _binding?.Dispose();
        _device?.Dispose();
        (_binding, _device) = (default, null);
    }
}
