using System.Globalization;

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
        Add(new(metric, value, unit, inRange ? SensorQuality.Good : SensorQuality.OutOfRange, timestampMs, inRange ? null : OutOfRange(metric, value, unit, min, max)));
    }

    /// <summary>The device has nothing newer than <paramref name="value"/>.</summary>
    public void Stale(string metric, double value, string unit, string error) => Add(new(metric, value, unit, SensorQuality.Stale, timestampMs, $"{metric}: {error}"));

    public void Fault(string metric, string unit, string error) => Add(new(metric, double.NaN, unit, SensorQuality.Fault, timestampMs, $"{metric}: {error}"));

    /// <summary>The device works and has measured nothing yet, for example in its first seconds: no reading, and no failure.</summary>
    public void NotYet() => IsPending = true;

    internal bool IsPending { get; private set; }

    internal void Add(in SensorReading reading)
    {
        if (_readings.Count < MaxReadings) _readings.Add(reading);
        else Overflow++;
    }

    internal static string OutOfRange(string metric, double value, string unit, double min, double max) =>
        string.Create(CultureInfo.InvariantCulture, $"{metric} is {value} {unit}; {min} to {max} is possible");
}
