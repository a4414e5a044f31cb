namespace Edge.Hardware;

/// <summary>One entry of <c>Sensors</c>: a driver, how often it is read, and where its readings go.</summary>
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

    /// <summary>Settings of the driver, by name; docs/reference/sensors.md has each driver's.</summary>
    public Dictionary<string, string> Settings { get; set; } = [];
}
