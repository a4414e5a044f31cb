using System.Xml.Linq;

namespace Edge.Architecture.Tests.Model;

/// <summary>What a project file says about references.</summary>
/// <param name="Path">From the root of the checkout, with forward slashes.</param>
/// <param name="ProjectReferences">Names of the referenced projects.</param>
/// <param name="Packages">Referenced packages.</param>
/// <param name="Frameworks">Referenced shared frameworks.</param>
public sealed record ProjectFile(
    string Path,
    IReadOnlyList<string> ProjectReferences,
    IReadOnlyList<PackageReference> Packages,
    IReadOnlyList<string> Frameworks)
{
    /// <summary>The name that other projects use: Edge.Log.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>True for what is shipped, false for tests and their tools.</summary>
    public bool IsRoom => !Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>Reads the text of a project file.</summary>
    public static ProjectFile Parse(string path, string xml)
    {
        XElement project = XElement.Parse(xml);
        return new ProjectFile(
            path,
            [.. project.Descendants("ProjectReference").Select(e => System.IO.Path.GetFileNameWithoutExtension(Include(e).Replace('\\', '/')))],
            [.. project.Descendants("PackageReference").Select(e => new PackageReference(
                Include(e), Value(e, "PrivateAssets"), Value(e, "Version") ?? Value(e, "VersionOverride")))],
            [.. project.Descendants("FrameworkReference").Select(Include)]);
    }

    private static string Include(XElement element) => Value(element, "Include") ?? Value(element, "Update") ?? "";

    private static string? Value(XElement element, string name) => element.Attribute(name)?.Value ?? element.Element(name)?.Value;
}
