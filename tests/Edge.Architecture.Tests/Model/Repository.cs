namespace Edge.Architecture.Tests.Model;

/// <summary>The checkout as the rules see it: its projects and its C# sources.</summary>
public sealed class Repository
{
    private static readonly string[] SourceFolders = ["edge", "cloud-sync", "hardware", "tests"];
    private static readonly Lazy<Repository> OfThisCheckout = new(() => new Repository(FindRoot()));

    private Repository(string root)
    {
        Root = root;
        Projects = [.. Files("*.csproj").Select(path => ProjectFile.Parse(Relative(path), File.ReadAllText(path)))];
        Sources = [.. Files("*.cs").Select(path => new SourceFile(Relative(path), File.ReadAllText(path)))];
    }

    /// <summary>The checkout that this test was built from.</summary>
    public static Repository Current => OfThisCheckout.Value;

    /// <summary>Absolute path of the folder with Edge.sln.</summary>
    public string Root { get; }

    /// <summary>Every project, product and tests.</summary>
    public IReadOnlyList<ProjectFile> Projects { get; }

    /// <summary>Every C# source, without what a build generates.</summary>
    public IReadOnlyList<SourceFile> Sources { get; }

    /// <summary>The projects that are shipped: the rooms.</summary>
    public IEnumerable<ProjectFile> Rooms => Projects.Where(project => project.IsRoom);

    /// <summary>Sources of what is shipped.</summary>
    public IEnumerable<SourceFile> RoomSources => Sources.Where(source => source.IsRoom);

    /// <summary>Text of a file named from the root.</summary>
    public string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Edge.sln"))) return folder.FullName;
        }
        throw new InvalidOperationException($"No Edge.sln above {AppContext.BaseDirectory}: these tests run inside a checkout.");
    }

    private IEnumerable<string> Files(string pattern) => SourceFolders
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
        .Where(path => !Relative(path).Split('/').Any(part => part is "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    private string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');
}
