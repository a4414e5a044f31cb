using Edge.Architecture.Tests.Model;
using Edge.Architecture.Tests.Rules;
using Xunit;

namespace Edge.Architecture.Tests;

/// <summary>Every rule is shown something that breaks it, and something close that does not.</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData("Edge.Log", "<ProjectReference Include=\"../Edge.Catalog/Edge.Catalog.csproj\" />")]
    [InlineData("Edge.Hardware", "<ProjectReference Include=\"..\\..\\edge\\Edge.Mqtt\\Edge.Mqtt.csproj\" />")]
    [InlineData("Edge.Kafka", "<PackageReference Include=\"LiteDB\" PrivateAssets=\"compile\" />")]
    [InlineData("Edge.Catalog", "<PackageReference Include=\"LiteDB\" />")]
    [InlineData("Edge.Ingest", "<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />")]
    [InlineData("Edge.Common", "")]
    public void ProjectFiles_ReferenceOutsideTheTable_IsSaid(string name, string item) =>
        Assert.Single(ReferenceRules.ProjectFiles([Project($"edge/{name}/{name}.csproj", item)]));

    [Fact]
    public void ProjectFiles_ReferenceOfTheTable_IsSilent() => Assert.Empty(ReferenceRules.ProjectFiles(
        [Project("edge/Edge.Catalog/Edge.Catalog.csproj", "<ProjectReference Include=\"../Edge.Log/Edge.Log.csproj\" /><PackageReference Include=\"LiteDB\" PrivateAssets=\"compile\" />")]));

    [Fact]
    public void ReferenceTable_LineWithoutProject_IsSaid() => Assert.Equal(Room.All.Count, ReferenceRules.Complete([]).Count());

    [Theory]
    [InlineData("Edge.Http", "Edge.Mqtt")]
    [InlineData("Edge.Http", "Confluent.Kafka")]
    [InlineData("Edge.Host", "LiteDB")]
    [InlineData("Edge.Host", "MQTTnet")]
    [InlineData("Edge.Host", "System.Device.Gpio")]
    [InlineData("Edge.Log", "Microsoft.AspNetCore.Connections.Abstractions")]
    public void Assemblies_UseOverAWall_IsSaid(string room, string used) =>
        Assert.Single(ReferenceRules.Assemblies([new BuiltAssembly(room, ["System.Runtime", used], [])]));

    [Theory]
    [InlineData("Edge.Mqtt", "System.Net.Sockets.Socket::Listen")]
    [InlineData("Edge.Http", "Microsoft.AspNetCore.Builder.WebApplication")]
    [InlineData("Edge.Ingest", "Microsoft.Extensions.DependencyInjection.IServiceCollection")]
    public void Assemblies_ListenerOrContainerOutsideTheHost_IsSaid(string room, string member)
    {
        Assert.Single(ReferenceRules.ListenersAndContainers([new BuiltAssembly(room, [], [member])]));
        Assert.Empty(ReferenceRules.ListenersAndContainers([new BuiltAssembly("Edge.Host", [], [member])]));
    }

    // The metadata reader really sees members: this assembly uses Assert.Single of xunit, and its own reference to the rooms.
    [Fact]
    public void BuiltAssembly_OfThisTest_ShowsWhatItUses()
    {
        BuiltAssembly self = BuiltAssembly.Of("Edge.Architecture.Tests");
        Assert.Contains("xunit.assert", self.References);
        Assert.Contains("Xunit.Assert::True", self.Members);
    }

    [Theory]
    [InlineData("<PackageReference Include=\"LiteDB\" Version=\"5.0.21\" />")]
    [InlineData("<PackageReference Include=\"LiteDB\"><VersionOverride>5.0.20</VersionOverride></PackageReference>")]
    public void PackageVersions_InAProjectFile_AreSaid(string item) =>
        Assert.Single(PackageRules.VersionsOutsideTheCentre([Project("tests/Edge.X.Tests/Edge.X.Tests.csproj", item)]));

    [Theory]
    [InlineData("<PackageVersion Include=\"Microsoft.Extensions.Logging.Abstractions\" Version=\"11.0.0\" />")]
    [InlineData("<PackageVersion Include=\"LiteDB\" Version=\"5.*\" />")]
    [InlineData("<PackageVersion Include=\"LiteDB\" />")]
    [InlineData("<PackageVersion Include=\"LiteDB\" Version=\"5.0.21\" /><PackageVersion Include=\"litedb\" Version=\"5.0.20\" />")]
    public void CentralVersions_OffBandOrInexact_AreSaid(string item) => Assert.Single(PackageRules.CentralVersions(
        $"<Project><PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup><ItemGroup>{item}</ItemGroup></Project>"));

    [Theory]
    [InlineData("Microsoft.Extensions.DependencyInjection.Abstractions", "11.0.1")]
    [InlineData("runtime.linux-x64.Microsoft.DotNet.ILCompiler", "10.0.12")]
    public void LockFiles_OffBandOrNative_AreSaid(string package, string version) => Assert.Single(PackageRules.Locked(
        "packages.lock.json", $$"""{"version":2,"dependencies":{"net10.0":{"{{package}}":{"type":"Transitive","resolved":"{{version}}"},"Edge.Log":{"type":"Project"} } } }"""));

    [Fact]
    public void Solution_ProjectMissingOrGone_IsSaid()
    {
        string solution = "Project(\"{X}\") = \"Edge.Log\", \"edge\\Edge.Log\\Edge.Log.csproj\", \"{Y}\"";
        Assert.Empty(PackageRules.Solution(solution, [Project("edge/Edge.Log/Edge.Log.csproj", "")]));
        Assert.Equal(2, PackageRules.Solution(solution, [Project("tests/Edge.New.Tests/Edge.New.Tests.csproj", "")]).Count());
    }

    [Theory]
    [InlineData("file.Flush(true);", true)]
    [InlineData("file.Flush( flushToDisk: true );", true)]
    [InlineData("RandomAccess.FlushToDisk(handle);", true)]
    [InlineData("file.Flush(false); // never file.Flush(true)", false)]
    [InlineData("Log(\"file.Flush(true) is banned\");", false)]
    public void FlushOfTheBaseLibrary_InCode_IsSaid(string code, bool said) =>
        Assert.Equal(said, SourceRules.FlushOfTheBaseLibrary([Source(code)]).Any());

    [Theory]
    [InlineData("var now = DateTime.Now;", true)]
    [InlineData("var now = System.DateTimeOffset.UtcNow;", true)]
    [InlineData("var now = time.GetUtcNow();", false)]
    [InlineData("/* DateTime.Now */ char c = '\"'; string s = @\"DateTime.Now\"\"\"; string t = $\"{s}\";", false)]
    [InlineData("string s = \"\"\"\n DateTime.Now \" \n\"\"\"; var x = DateTime.Now;", true)]
    public void WallClock_InCode_IsSaid(string code, bool said) => Assert.Equal(said, SourceRules.WallClock([Source(code)]).Any());

    [Theory]
    [InlineData("throw new NotImplementedException();", true)]
    [InlineData("// TODO: later", true)]
    [InlineData("// FIXME", true)]
    [InlineData("public int Port => throw null!;", true)]
    [InlineData("int todoCount = 1;", false)]
    public void LeftForLater_CommentsIncluded_IsSaid(string code, bool said) => Assert.Equal(said, SourceRules.LeftForLater([Source(code)]).Any());

    [Theory]
    [InlineData("#pragma warning disable RS0030", true)]
    [InlineData("#pragma warning disable\nnamespace Edge;", true)]
    [InlineData("#pragma warning disable CA1810 // why", false)]
    public void BansSwitchedOff_Pragma_IsSaid(string code, bool said) => Assert.Equal(said, SourceRules.BansSwitchedOff([Source(code)]).Any());

    [Theory]
    [InlineData("namespace Edge.Log\n{\n}", true)]
    [InlineData("namespace Edge.Log;", false)]
    public void BlockNamespaces_Block_IsSaid(string code, bool said) => Assert.Equal(said, SourceRules.BlockNamespaces([Source(code)]).Any());

    [Fact]
    public void TooLong_LineMoreThanTheMost_IsSaid()
    {
        Assert.Empty(SourceRules.TooLong([Source(new string('\n', SourceRules.MaxLines))]));
        Assert.Single(SourceRules.TooLong([Source(new string('\n', SourceRules.MaxLines) + "x")]));
    }

    [Theory]
    [InlineData("public sealed class Thing;", false)]
    [InlineData("public readonly record struct Thing(int A);\ninternal sealed class Helper;", false)]
    [InlineData("public static partial class Thing\n{\n    public enum Nested { A }\n}", false)]
    [InlineData("public enum Other { A }", true)]
    [InlineData("public interface Thing;\npublic delegate Task<int> Made(string s);", true)]
    [InlineData("public sealed record Thing(int A);\npublic readonly record struct Second(int A);", true)]
    public void OnePublicTypeAFile_SecondOrOtherName_IsSaid(string code, bool said) =>
        Assert.Equal(said, SourceRules.OnePublicTypeAFile([Source(code)]).Any());

    [Theory]
    [InlineData("/// <summary>A thing.</summary>\n[Flags]\npublic enum Thing { A }", false)]
    [InlineData("using System;\n\npublic enum Thing { A }", true)]
    public void WithoutDocstring_PublicType_IsSaid(string code, bool said) => Assert.Equal(said, SourceRules.WithoutDocstring([Source(code)]).Any());

    [Fact]
    public void InitOnly_Property_IsSaid()
    {
        Assert.Single(OptionRules.InitOnly([typeof(WrongOptions)]));
        Assert.Empty(OptionRules.InitOnly([typeof(RightOptions)]));
    }

    private static ProjectFile Project(string path, string item) => ProjectFile.Parse(path, $"<Project><ItemGroup>{item}</ItemGroup></Project>");

    private static SourceFile Source(string text) => new("edge/Edge.Log/Thing.cs", text);

    private sealed record WrongOptions
    {
        public int Port { get; init; }
    }

    private sealed record RightOptions
    {
        public int Port { get; set; }
    }
}
