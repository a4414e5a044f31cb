using Edge.Hardware.Drivers;

namespace Edge.Hardware;

/// <summary>Checks all configured sensors at once.</summary>
public static class SensorOptionsValidator
{
    public const int MaxSensors = 256;

    /// <summary>Every problem of every sensor: key path, value, what is allowed. Empty when all can be used.</summary>
    public static IReadOnlyList<string> Validate(IReadOnlyList<SensorOptions> sensors)
    {
        var problems = new List<string>();
        foreach ((_, ISensor sensor) in Create(sensors, problems)) sensor.Dispose();
        return problems;
    }

    internal static List<(SensorOptions Options, ISensor Sensor)> Create(IReadOnlyList<SensorOptions> sensors, List<string> problems)
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
            string rest = (options.Key ?? "").Replace("{metric}", "", StringComparison.Ordinal).Replace("{sensor}", "", StringComparison.Ordinal);
            if (rest.AsSpan().ContainsAny('{', '}')) problems.Add($"{path}:key is '{options.Key}'; use text, {{metric}} and {{sensor}}.");
            if (SensorDrivers.Create(options, path, problems) is { } sensor) created.Add((options, sensor));
        }
        return created;
    }

    private static bool IsName(string? text, int maxLength) =>
        text is { Length: > 0 } && text.Length <= maxLength && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
