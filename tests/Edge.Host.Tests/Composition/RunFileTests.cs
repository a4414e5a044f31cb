using Edge.Host.Composition;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Composition;

public sealed class RunFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Write_ThenRead_IsTheSameAndOnlyTheOwners()
    {
        var written = new RunFile(ProcessIdentity.Current, "http://127.0.0.1:8080", "secret", new Dictionary<string, int> { ["mqtt"] = 1883, ["http"] = 8080 });
        written.Write(_directory.Path);
        written.Write(_directory.Path);
        RunFile read = RunFile.TryRead(_directory.Path)!;
        Assert.Equal((written.Process, written.Url, written.Token, 1883), (read.Process, read.Url, read.Token, read.Ports["mqtt"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RunFile.PathIn(_directory.Path)));
        Assert.True(read.Process.IsRunning);
        RunFile.Delete(_directory.Path);
        Assert.Null(RunFile.TryRead(_directory.Path));
    }

    [Fact]
    public void IsRunning_SamePidOfAnotherStartOrBoot_IsFalse()
    {
        ProcessIdentity self = ProcessIdentity.Current;
        Assert.False((self with { StartTicks = self.StartTicks - 1 }).IsRunning);
        Assert.False((self with { BootId = "another" }).IsRunning);
        Assert.False((self with { Pid = int.MaxValue }).IsRunning);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"pid":"x","start":1,"boot":"b","url":"u","token":"t","ports":{}}""")]
    public void TryRead_Garbage_IsNull(string content)
    {
        File.WriteAllText(RunFile.PathIn(_directory.Path), content);
        Assert.Null(RunFile.TryRead(_directory.Path));
    }
}
