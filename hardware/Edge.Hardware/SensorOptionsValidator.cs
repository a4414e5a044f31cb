using Edge.Hardware.Buses;
using Edge.Hardware.Drivers;
using Edge.Hardware.Gpio;
using Edge.Hardware.Sampling;

namespace Edge.Hardware;

/// <summary>Checks all configured sensors at once.</summary>
public static class SensorOptionsValidator
{
    public const int MaxSensors = 256;

    /// <summary>Every problem of every sensor: key path, value, what is allowed. Empty when all can be used. Touches no device.</summary>
    public static IReadOnlyList<string> Validate(IReadOnlyList<SensorOptions> sensors, HardwareOptions? hardware = null)
    {
        var problems = new List<string>();
        HardwareOptions options = hardware ?? new HardwareOptions();
        if (HardwareFactory.ProblemOf(options) is { } problem) return [problem];
        using var events = new GpioEventLoop();
        foreach ((_, ISensor sensor) in Create(sensors, problems, HardwareFactory.ForChecks(options), events, new ClaimedParts(), TimeProvider.System)) sensor.Dispose();
        return problems;
    }

    internal static List<(SensorOptions Options, ISensor Sensor)> Create(
        IReadOnlyList<SensorOptions> sensors, List<string> problems, IHardware hardware, GpioEventLoop events, ClaimedParts claimed, TimeProvider timeProvider)
    {
        var created = new List<(SensorOptions, ISensor)>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (sensors.Count > MaxSensors) problems.Add($"Sensors has {sensors.Count} entries; use at most {MaxSensors}.");
        for (int i = 0; i < sensors.Count && i < MaxSensors; i++)
        {
            SensorOptions options = sensors[i];
            string path = $"Sensors:{i}";
            if (!IsName(options.Name, 64)) problems.Add($"{path}:name is '{options.Name}'; use 1 to 64 of A-Z a-z 0-9 . _ -.");
            else if (!names.Add(options.Name)) problems.Add($"{path}:name '{options.Name}' is used twice; each sensor needs its own.");
            if (!IsName(options.Topic, 249) || options.Topic is "." or ".." || options.Topic.StartsWith("__", StringComparison.Ordinal))
                problems.Add($"{path}:topic is '{options.Topic}'; use 1 to 249 of A-Z a-z 0-9 . _ -, not beginning with __.");
            if (options.Interval < SensorOptions.MinInterval || options.Interval > SensorOptions.MaxInterval)
                problems.Add($"{path}:interval is {options.Interval}; use 100ms to 1d.");
            if (options.Jitter != TimeSpan.Zero && (options.Jitter < TimeSpan.Zero || options.Jitter >= options.Interval)) problems.Add($"{path}:jitter is {options.Jitter}; use less than the interval ({options.Interval}).");
            if (options.Oversample is < 1 or > 64) problems.Add($"{path}:oversample is {options.Oversample}; use 1 to 64.");
            if (options.Retries is < 0 or > 10) problems.Add($"{path}:retries is {options.Retries}; use 0 to 10.");
            if (options.Heartbeat < TimeSpan.FromSeconds(1)) problems.Add($"{path}:heartbeat is {options.Heartbeat}; use 1s or more.");
            string rest = (options.Key ?? "").Replace("{metric}", "", StringComparison.Ordinal).Replace("{sensor}", "", StringComparison.Ordinal);
            if (rest.AsSpan().ContainsAny('{', '}')) problems.Add($"{path}:key is '{options.Key}'; use text, {{metric}} and {{sensor}}.");
            CheckShaping(options, path, problems);
            if (SensorDrivers.Create(options, path, problems, hardware, events, claimed, timeProvider) is { } sensor) created.Add((options, sensor));
        }
        return created;
    }

    private static void CheckShaping(SensorOptions options, string path, List<string> problems)
    {
        foreach ((string metric, string text) in options.Deadband)
            if (Deadband.TryParse(text) is null) problems.Add($"{path}:deadband:{metric} is '{text}'; use {Deadband.Allowed}.");
        foreach ((string metric, string text) in options.Calibration)
            if (Calibration.TryParse(text) is null) problems.Add($"{path}:calibration:{metric} is '{text}'; use {Calibration.Allowed}.");
        foreach ((string metric, string text) in options.Units)
            if (!UnitConversion.IsKnown(text)) problems.Add($"{path}:units:{metric} is '{text}'; use one of {UnitConversion.Allowed}.");
        foreach ((string metric, string text) in options.Range)
            if (ReadingShaper.TryParseRange(text) is null) problems.Add($"{path}:range:{metric} is '{text}'; use two numbers such as -20..60, the smaller first.");
    }

    private static bool IsName(string? text, int maxLength) =>
        text is { Length: > 0 } && text.Length <= maxLength && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
