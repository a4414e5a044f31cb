using System.Reflection;
using Edge.Architecture.Tests.Model;
using Edge.Architecture.Tests.Rules;
using Xunit;

namespace Edge.Architecture.Tests;

/// <summary>Holds the checkout to its rules. RuleTests shows that each rule can fail.</summary>
public sealed class ArchitectureTests
{
    private static Repository Repository => Repository.Current;

    private static IEnumerable<BuiltAssembly> Assemblies => Room.All.Select(room => BuiltAssembly.Of(room.Name));

    [Fact]
    public void ProjectFiles_OfEveryRoom_KeepToTheReferenceTable() => Holds(ReferenceRules.ProjectFiles(Repository.Rooms));

    [Fact]
    public void ReferenceTable_EveryLine_HasAProject() => Holds(ReferenceRules.Complete(Repository.Rooms));

    [Fact]
    public void Assemblies_OfEveryRoom_KeepToTheReferenceTable() => Holds(ReferenceRules.Assemblies(Assemblies));

    [Fact]
    public void Assemblies_ButTheHost_BindNoListenerAndHaveNoContainer() => Holds(ReferenceRules.ListenersAndContainers(Assemblies));

    [Fact]
    public void PackageVersions_OfEveryProject_AreCentral() => Holds(PackageRules.VersionsOutsideTheCentre(Repository.Projects));

    [Fact]
    public void CentralVersions_AreExactAndOnTheRuntimesBand() => Holds(PackageRules.CentralVersions(Repository.Read("Directory.Packages.props")));

    [Fact]
    public void LockFiles_OfEveryProject_ExistAndStayOnTheRuntimesBand() => Holds(Repository.Projects.SelectMany(project =>
    {
        string path = Path.GetDirectoryName(project.Path)!.Replace('\\', '/') + "/packages.lock.json";
        return File.Exists(Path.Combine(Repository.Root, path)) ? PackageRules.Locked(path, Repository.Read(path)) : [$"{path} is missing."];
    }));

    [Fact]
    public void Solution_HasEveryProject() => Holds(PackageRules.Solution(Repository.Read("Edge.sln"), Repository.Projects));

    [Fact]
    public void RoomSources_NeverFlushThroughTheBaseLibrary() => Holds(SourceRules.FlushOfTheBaseLibrary(Repository.RoomSources));

    [Fact]
    public void RoomSources_NeverReadTheWallClock() => Holds(SourceRules.WallClock(Repository.RoomSources));

    [Fact]
    public void RoomSources_NeverSwitchABanOff() => Holds(SourceRules.BansSwitchedOff(Repository.RoomSources));

    [Fact]
    public void RoomSources_LeaveNothingForLater() => Holds(SourceRules.LeftForLater(Repository.RoomSources));

    [Fact]
    public void Sources_HaveNoBlockNamespace() => Holds(SourceRules.BlockNamespaces(Repository.Sources));

    [Fact]
    public void Sources_AreShort() => Holds(SourceRules.TooLong(Repository.Sources));

    [Fact]
    public void RoomSources_HaveOnePublicTypeAFile() => Holds(SourceRules.OnePublicTypeAFile(Repository.RoomSources));

    [Fact]
    public void RoomSources_DocumentPublicTypes() => Holds(SourceRules.WithoutDocstring(Repository.RoomSources));

    [Fact]
    public void Options_OfEveryRoom_HaveSetters() => Holds(OptionRules.InitOnly(
        Room.All.SelectMany(room => Assembly.Load(room.Name == "Edge.Host" ? "edge" : room.Name).GetTypes())));

    // All violations at once, so that one run shows them all.
    private static void Holds(IEnumerable<string> violations)
    {
        string[] all = [.. violations];
        Assert.True(all.Length == 0, $"{all.Length} violations:\n{string.Join('\n', all)}");
    }
}
