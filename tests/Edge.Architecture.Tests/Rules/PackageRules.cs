using System.Text.Json;
using System.Xml.Linq;
using Edge.Architecture.Tests.Model;

namespace Edge.Architecture.Tests.Rules;

/// <summary>Rules about package versions and lock files. Each yields a sentence a violation.</summary>
public static class PackageRules
{
    private const string Extensions = "Microsoft.Extensions.", Band = "10.0.";

    /// <summary>Versions stand in Directory.Packages.props and nowhere else.</summary>
    public static IEnumerable<string> VersionsOutsideTheCentre(IEnumerable<ProjectFile> projects) =>
        from project in projects
        from package in project.Packages
        where package.Version is not null
        select $"{project.Path} gives {package.Name} a version ({package.Version}); versions stand in Directory.Packages.props.";

    /// <summary>Central versions: each package once, exact, and Microsoft.Extensions.* on the runtime's own band.</summary>
    public static IEnumerable<string> CentralVersions(string packagesProps)
    {
        XElement root = XElement.Parse(packagesProps);
        if (!root.Descendants("ManagePackageVersionsCentrally").Any(e => e.Value == "true")) yield return "Package versions are not managed centrally.";
        (string Name, string Version)[] packages =
            [.. root.Descendants("PackageVersion").Select(e => (e.Attribute("Include")?.Value ?? "", e.Attribute("Version")?.Value ?? ""))];
        foreach (string twice in packages.GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return $"{twice} has two versions.";
        foreach ((string name, string version) in packages)
        {
            if (version.Length == 0 || version.IndexOfAny(['*', '[', '(', ',']) >= 0) yield return $"{name} has the version '{version}'; give one exact version.";
            if (IsOffBand(name, version)) yield return $"{name} is {version}; {Extensions}* stay on {Band}x.";
        }
    }

    /// <summary>What the lock files resolved: also a package that another one brings along stays on the band.</summary>
    public static IEnumerable<string> Locked(string path, string lockFile)
    {
        using JsonDocument document = JsonDocument.Parse(lockFile);
        foreach (JsonProperty framework in document.RootElement.GetProperty("dependencies").EnumerateObject())
        {
            foreach (JsonProperty package in framework.Value.EnumerateObject())
            {
                string? version = package.Value.TryGetProperty("resolved", out JsonElement resolved) ? resolved.GetString() : null;
                if (version is not null && IsOffBand(package.Name, version)) yield return $"{path}: {package.Name} is {version}; {Extensions}* stay on {Band}x.";
                // A lock for one processor would make every restore for another one rewrite it.
                if (package.Name.Contains("ilcompiler", StringComparison.OrdinalIgnoreCase)) yield return $"{path} holds {package.Name}, a pack of the native build, which has its own lock.";
            }
        }
    }

    /// <summary>Every project is in the solution, and nothing else is.</summary>
    public static IEnumerable<string> Solution(string solution, IEnumerable<ProjectFile> projects)
    {
        HashSet<string> listed = [.. solution.Split('"').Where(part => part.EndsWith(".csproj", StringComparison.Ordinal)).Select(part => part.Replace('\\', '/'))];
        HashSet<string> present = [.. projects.Select(project => project.Path)];
        foreach (string path in present.Except(listed)) yield return $"{path} is not in Edge.sln: it would be neither built nor tested.";
        foreach (string path in listed.Except(present)) yield return $"Edge.sln lists {path}, which does not exist.";
    }

    private static bool IsOffBand(string name, string version) =>
        name.StartsWith(Extensions, StringComparison.OrdinalIgnoreCase) && !version.StartsWith(Band, StringComparison.Ordinal);
}
