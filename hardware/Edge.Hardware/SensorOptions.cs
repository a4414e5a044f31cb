namespace Edge.Hardware;

/// <summary>One entry of <c>Sensors</c>: a driver, how often it is read, what is done with its readings, and where they go.</summary>
public sealed record SensorOptions
{
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100), MaxInterval = TimeSpan.FromDays(1);

    /// <summary>Names the sensor in status, commands and payloads. <c>[A-Za-z0-9._-]{1,64}</c>, unique. Default <c>host</c>.</summary>
    public string Name { get; set; } = "host";

    /// <summary>Driver, see <see cref="Drivers.SensorDrivers.Names"/>. Default <c>host</c>: this machine's own sensors.</summary>
    public string Driver { get; set; } = "host";

    /// <summary>Topic of the records. Default <c>host</c>.</summary>
    public string Topic { get; set; } = "host";

    /// <summary>Template of the key: <c>{metric}</c> and <c>{sensor}</c>. Default <c>{metric}</c>, for example <c>cpu/temperature</c>.</summary>
    public string Key { get; set; } = "{metric}";

    /// <summary>Time between two readings, 100 ms to 1 day. Default 1 s.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Each reading is taken up to this much later than its slot, by chance: many sensors (or devices) of one interval do not all act at once. Less than the interval. Default 0.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Readings taken for one value, 1 to 64. Default 1.</summary>
    public int Oversample { get; set; } = 1;

    /// <summary>How they become one. Default mean; the median drops single outliers.</summary>
    public SampleCombination Combine { get; set; }

    /// <summary>Further tries of a reading that failed on the bus or by its checksum, 0 to 10. Default 2.</summary>
    public int Retries { get; set; } = 2;

    /// <summary>Age at which the last values count as stale. Zero: three intervals and 5 s. Default zero.</summary>
    public TimeSpan StaleAfter { get; set; }

    /// <summary>A metric with a deadband is published again at the latest after this time, changed or not. Default 10 min.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Form of the records. Default SenML JSON.</summary>
    public SensorPayload Payload { get; set; }

    /// <summary>By metric (<c>*</c>: every other): the change that is worth a record, <c>0.5</c> in the metric's unit or <c>2%</c> of the last value published; <c>0</c>: any change. Without: every reading.</summary>
    public Dictionary<string, string> Deadband { get; set; } = [];

    /// <summary>By metric (<c>*</c>: every other): <c>offset -0.4</c>, <c>gain 1.02, offset -0.4</c>, or <c>table 0=0.3 50=50.1 100=98.7</c> (read = true). In the driver's unit.</summary>
    public Dictionary<string, string> Calibration { get; set; } = [];

    /// <summary>By metric (<c>*</c>: every other): unit to convert to, for example <c>degF</c> or <c>hPa</c>.</summary>
    public Dictionary<string, string> Units { get; set; } = [];

    /// <summary>By metric: what is plausible, <c>-20..60</c> in the unit that is published. Outside of it the quality is out of range.</summary>
    public Dictionary<string, string> Range { get; set; } = [];

    /// <summary>Settings of the driver, by name; docs/reference/sensors.md has each driver's.</summary>
    public Dictionary<string, string> Settings { get; set; } = [];
}
