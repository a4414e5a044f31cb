namespace Edge.Hardware.Drivers.Host;

/// <summary>Settings of driver <c>host</c>.</summary>
internal sealed record HostSensorSettings(string Root, IReadOnlyList<string> Disks, IReadOnlyList<string> Interfaces)
{
    public const int MaxDisks = 16, MaxInterfaces = 32;

    public static readonly IReadOnlyList<string> Names = ["root", "disks", "interfaces"];

    public static HostSensorSettings? Parse(SensorOptions options, string keyPath, List<string> problems)
    {
        int before = problems.Count;
        string root = Get(options, "root") ?? "/";
        if (!Path.IsPathRooted(root)) problems.Add($"{keyPath}:settings:root is '{root}'; use an absolute path, normally /.");
        string[] disks = Split(Get(options, "disks") ?? "/");
        foreach (string disk in disks)
            if (!Path.IsPathRooted(disk)) problems.Add($"{keyPath}:settings:disks has '{disk}'; use absolute paths with commas between them.");
        if (disks.Length > MaxDisks) problems.Add($"{keyPath}:settings:disks names {disks.Length}; use at most {MaxDisks}.");
        string[] interfaces = Split(Get(options, "interfaces") ?? "");
        if (interfaces.Length > MaxInterfaces) problems.Add($"{keyPath}:settings:interfaces names {interfaces.Length}; use at most {MaxInterfaces}.");
        return problems.Count == before ? new(root, disks, interfaces) : null;
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? Get(SensorOptions options, string name) =>
        options.Settings.FirstOrDefault(s => string.Equals(s.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}
