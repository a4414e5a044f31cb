namespace Edge.Hardware;

/// <summary>State of one sensor at one moment. Counters are since start.</summary>
/// <param name="Values">The last readings, one per metric, faults included.</param>
/// <param name="LastRead">When they were taken; null before the first.</param>
/// <param name="Reads">Times the sensor gave readings.</param>
/// <param name="Faults">Times it failed as a whole, plus single metrics without a good value.</param>
/// <param name="Published">Readings that are durable in the journal.</param>
/// <param name="Dropped">Readings replaced by newer ones while ingest could not take them, or refused for good.</param>
/// <param name="Missed">Intervals in which no reading was begun because an earlier one took too long.</param>
/// <param name="LastError">The newest problem, of reading or of publishing; stays after it is over.</param>
public sealed record SensorStatus(
    string Name,
    string Driver,
    string Topic,
    TimeSpan Interval,
    bool IsHealthy,
    IReadOnlyList<SensorReading> Values,
    DateTimeOffset? LastRead,
    long Reads,
    long Faults,
    long Published,
    long Dropped,
    long Missed,
    string? LastError)
{
    /// <summary>The bus it is read over, or its own name when it shares none.</summary>
    public string Bus { get; init; } = "";

    /// <summary>Values within their deadband, not published.</summary>
    public long Suppressed { get; init; }

    /// <summary>Readings taken a second time after a fault of the bus.</summary>
    public long Retried { get; init; }

    /// <summary>Longest time a reading began after its slot.</summary>
    public TimeSpan MaxLateness { get; init; }
}
