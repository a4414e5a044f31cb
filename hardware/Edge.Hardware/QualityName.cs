namespace Edge.Hardware;

/// <summary>Qualities as payloads, headers and the API write them.</summary>
public static class QualityName
{
    public static string Of(SensorQuality quality) => quality switch
    {
        SensorQuality.Good => "good",
        SensorQuality.Stale => "stale",
        SensorQuality.OutOfRange => "out-of-range",
        _ => "fault",
    };
}
