using Edge.Hardware.Drivers.Host;

namespace Edge.Hardware.Drivers;

/// <summary>The drivers by name. A driver lives in a folder of its own and is listed here.</summary>
public static class SensorDrivers
{
    private sealed record Driver(string Name, IReadOnlyList<string> Settings, Func<SensorOptions, List<string>, string, ISensor?> Create);

    private static readonly Driver[] All = [new("host", HostSensorSettings.Names, HostSensor.Create)];

    /// <summary>What <c>Sensors:n:driver</c> may be.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static d => d.Name)];

    /// <summary>Makes the sensor, not yet opened. Adds every problem of its settings; null when there was one.</summary>
    internal static ISensor? Create(SensorOptions options, string keyPath, List<string> problems)
    {
        Driver? driver = All.FirstOrDefault(d => string.Equals(d.Name, options.Driver, StringComparison.OrdinalIgnoreCase));
        if (driver is null)
        {
            problems.Add($"{keyPath}:driver is '{options.Driver}'; use one of: {string.Join(", ", Names)}.");
            return null;
        }
        int before = problems.Count;
        foreach (string setting in options.Settings.Keys)
        {
            if (!driver.Settings.Contains(setting, StringComparer.OrdinalIgnoreCase))
                problems.Add($"{keyPath}:settings:{setting} is not known to driver '{driver.Name}'; use: {string.Join(", ", driver.Settings)}.");
        }
        ISensor? sensor = driver.Create(options, problems, keyPath);
        return problems.Count == before ? sensor : null;
    }
}
