namespace Edge.Hardware.Sampling;

/// <summary>Readings that wait for ingest: the newest of each metric. What a newer one replaces is counted as dropped.</summary>
internal sealed class LatestReadings
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SensorReading> _waiting = new(StringComparer.Ordinal);
    private long _dropped;

    public long Dropped => Interlocked.Read(ref _dropped);

    public bool IsEmpty { get { lock (_lock) return _waiting.Count == 0; } }

    public void Put(IEnumerable<SensorReading> readings)
    {
        lock (_lock)
        {
            foreach (SensorReading reading in readings)
            {
                if (!_waiting.TryAdd(reading.Metric, reading)) { _waiting[reading.Metric] = reading; Interlocked.Increment(ref _dropped); }
            }
        }
    }

    /// <summary>Gives back what ingest did not take; what has a newer reading by now is dropped.</summary>
    public void PutBack(SensorReading reading)
    {
        lock (_lock) if (!_waiting.TryAdd(reading.Metric, reading)) Interlocked.Increment(ref _dropped);
    }

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public SensorReading[] Take()
    {
        lock (_lock)
        {
            SensorReading[] readings = [.. _waiting.Values];
            _waiting.Clear();
            return readings;
        }
    }
}
