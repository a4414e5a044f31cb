namespace Edge.Testing.Processes;

/// <summary>Finds programs, and the files of this checkout, that tests need.</summary>
public static class ToolPath
{
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The checkout: the nearest folder above the test's own with Edge.sln.</summary>
    /// <exception cref="DirectoryNotFoundException">The test does not run inside a checkout.</exception>
    public static string Root { get; } = FindRoot();

    /// <summary>Full path of a program in PATH or the usual folders; null when it is not there.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Edge.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No Edge.sln above {AppContext.BaseDirectory}.");
    }
}
