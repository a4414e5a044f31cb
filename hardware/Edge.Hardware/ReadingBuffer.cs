namespace Edge.Hardware;

/// <summary>Where a driver puts its readings. Bounded: a machine with very many parts cannot flood the journal.</summary>
public sealed class ReadingBuffer(long timestampMs)
{
    public const int MaxReadings = 256;

    private readonly List<SensorReading> _readings = [];

    public IReadOnlyList<SensorReading> Readings => _readings;

    /// <summary>Readings that did not fit.</summary>
    public int Overflow { get; private set; }

    public void Add(string metric, double value, string unit, double min = double.NegativeInfinity, double max = double.PositiveInfinity)
    {
        if (!double.IsFinite(value)) { Fault(metric, unit, "the value is not a number"); return; }
        bool inRange = value >= min && value <= max;
        Add(new(metric, value, unit, inRange ? SensorQuality.Good : SensorQuality.OutOfRange, timestampMs, inRange ? null : $"{metric} is {value} {unit}; {min} to {max} is possible"));
    }

    public void Fault(string metric, string unit, string error) => Add(new(metric, double.NaN, unit, SensorQuality.Fault, timestampMs, $"{metric}: {error}"));

    private void Add(SensorReading reading)
    {
        if (_readings.Count < MaxReadings) _readings.Add(reading);
        else Overflow++;
    }
}
