namespace Edge.Testing.Processes;

/// <summary>Where the real program is.</summary>
public static class EdgeExecutable
{
    private static readonly Lazy<string> Found = new(FindDefault);

    /// <summary>The one that was built together with the running test, else the one of scripts/build.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static string Default => Found.Value;

    /// <summary>The native program: NATIVE_EDGE, else artifacts/edge-aot/edge; null when there is none.</summary>
    public static string? Native { get; } = FindNative();

    private static string FindDefault()
    {
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        string[] candidates =
        [
            Path.Combine(ToolPath.Root, "edge", "Edge.Host", "bin", configuration, "net10.0", "edge"),
            Path.Combine(ToolPath.Root, "artifacts", "edge", "edge"),
        ];
        return Array.Find(candidates, File.Exists) ?? throw new FileNotFoundException($"The program is not built; looked for {string.Join(" and ", candidates)}. scripts/build makes it.");
    }

    private static string? FindNative()
    {
        string? named = Environment.GetEnvironmentVariable("NATIVE_EDGE");
        string path = string.IsNullOrEmpty(named) ? Path.Combine(ToolPath.Root, "artifacts", "edge-aot", "edge") : named;
        return File.Exists(path) ? path : null;
    }
}
