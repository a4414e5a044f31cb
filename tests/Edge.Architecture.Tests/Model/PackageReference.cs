namespace Edge.Architecture.Tests.Model;

/// <summary>One package reference of a project file.</summary>
/// <param name="Name">Package id.</param>
/// <param name="PrivateAssets">Null when the attribute is absent.</param>
/// <param name="Version">A version in the project file itself; null when it is central.</param>
public sealed record PackageReference(string Name, string? PrivateAssets, string? Version);
