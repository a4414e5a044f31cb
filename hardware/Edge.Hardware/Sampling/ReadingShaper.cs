namespace Edge.Hardware.Sampling;

/// <summary>What happens between a driver and the log: oversampling, calibration, units, plausible range, and which values are worth a record.</summary>
internal sealed class ReadingShaper
{
    private readonly SensorOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Dictionary<string, Deadband> _deadbands;
    private readonly Dictionary<string, Calibration> _calibrations;
    private readonly Dictionary<string, (double Min, double Max)> _ranges;
    private readonly Dictionary<string, (double Value, SensorQuality Quality, long At)> _published = new(StringComparer.Ordinal);

    /// <param name="options">Checked by <see cref="SensorOptionsValidator"/>; what cannot be read is left out here.</param>
    public ReadingShaper(SensorOptions options, TimeProvider timeProvider)
    {
        (_options, _timeProvider) = (options, timeProvider);
        _deadbands = Parse(options.Deadband, static text => Deadband.TryParse(text));
        _calibrations = Parse(options.Calibration, static text => Calibration.TryParse(text));
        _ranges = Parse(options.Range, TryParseRange);
    }

    /// <summary>Values not published because they had hardly moved.</summary>
    public long Suppressed { get; private set; }

    /// <summary><c>-20..60</c>; null when it is none.</summary>
    public static (double Min, double Max)? TryParseRange(string text)
    {
        string[] ends = text.Split("..");
        return ends.Length == 2 && Numbers.TryParse(ends[0], out double min) && Numbers.TryParse(ends[1], out double max) && min < max ? (min, max) : null;
    }

    /// <summary>One list of values out of the readings of one sampling.</summary>
    public IReadOnlyList<SensorReading> Shape(IReadOnlyList<IReadOnlyList<SensorReading>> samples)
    {
        IReadOnlyList<SensorReading> combined = samples.Count == 1 ? samples[0] : Combine(samples);
        return _calibrations.Count == 0 && _options.Units.Count == 0 && _ranges.Count == 0 ? combined : [.. combined.Select(Shape)];
    }

    /// <summary>Which of the values become records now, and notes them as published.</summary>
    public IReadOnlyList<SensorReading> Choose(IReadOnlyList<SensorReading> values) => _deadbands.Count == 0 ? values : [.. values.Where(IsWorthARecord)];

    private SensorReading Shape(SensorReading reading)
    {
        if (reading.Quality == SensorQuality.Fault) return reading;
        (double value, string unit) = (reading.Value, reading.Unit);
        if (Find(_calibrations, reading.Metric) is { } calibration) value = calibration.Apply(value);
        if (Find(_options.Units, reading.Metric) is { } wanted)
        {
            if (UnitConversion.TryConvert(value, unit, wanted, out double converted)) (value, unit) = (converted, wanted);
            else if (_options.Units.ContainsKey(reading.Metric)) // asked for by name, not by *
                return reading with { Value = double.NaN, Quality = SensorQuality.Fault, Error = $"{reading.Metric} is in {unit}, which is no {wanted}" };
        }
        if (!double.IsFinite(value)) return reading with { Value = double.NaN, Quality = SensorQuality.Fault, Error = $"{reading.Metric}: the value is not a number" };
        SensorReading shaped = reading with { Value = value, Unit = unit };
        if (reading.Quality == SensorQuality.Good && _ranges.TryGetValue(reading.Metric, out (double Min, double Max) range) && (value < range.Min || value > range.Max))
            shaped = shaped with { Quality = SensorQuality.OutOfRange, Error = ReadingBuffer.OutOfRange(reading.Metric, value, unit, range.Min, range.Max) };
        return shaped;
    }

    private bool IsWorthARecord(SensorReading reading)
    {
        if (reading.Quality == SensorQuality.Fault || !(_deadbands.TryGetValue(reading.Metric, out Deadband deadband) || _deadbands.TryGetValue("*", out deadband))) return true;
        long now = _timeProvider.GetTimestamp();
        bool isWorth = !_published.TryGetValue(reading.Metric, out var last) || last.Quality != reading.Quality || deadband.IsExceeded(last.Value, reading.Value)
            || _timeProvider.GetElapsedTime(last.At, now) >= _options.Heartbeat;
        if (isWorth) _published[reading.Metric] = (reading.Value, reading.Quality, now);
        else Suppressed++;
        return isWorth;
    }

    private List<SensorReading> Combine(IReadOnlyList<IReadOnlyList<SensorReading>> samples)
    {
        var combined = new List<SensorReading>();
        foreach (SensorReading last in samples[^1])
        {
            // A sample that is off the scale must not pull a mean: only good ones count while there are any.
            SensorReading[] usable = [.. samples.SelectMany(static s => s).Where(r => r.Metric == last.Metric && r.Quality == SensorQuality.Good)];
            combined.Add(usable.Length == 0 ? last : last with { Quality = SensorQuality.Good, Error = null, Value = _options.Combine == SampleCombination.Mean ? usable.Average(static r => r.Value) : Median(usable) });
        }
        return combined;
    }

    private static double Median(SensorReading[] readings)
    {
        double[] values = [.. readings.Select(static r => r.Value).Order()];
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private static T? Find<T>(Dictionary<string, T> byMetric, string metric) where T : class =>
        byMetric.TryGetValue(metric, out T? found) || byMetric.TryGetValue("*", out found) ? found : null;

    private static Dictionary<string, T> Parse<T>(Dictionary<string, string> texts, Func<string, T?> parse) where T : struct
    {
        var parsed = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach ((string metric, string text) in texts) if (parse(text) is { } value) parsed[metric] = value;
        return parsed;
    }

    private static Dictionary<string, T> Parse<T>(Dictionary<string, string> texts, Func<string, T?> parse) where T : class
    {
        var parsed = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach ((string metric, string text) in texts) if (parse(text) is { } value) parsed[metric] = value;
        return parsed;
    }
}
