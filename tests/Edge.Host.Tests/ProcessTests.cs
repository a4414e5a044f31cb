using System.Text.Json;
using Edge.Host.Composition;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests;

/// <summary>The real program, its standard output, signals and exit codes.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private EdgeStart Start(params string[] settings) => new("run", _directory.Path) { Settings = ["Storage:SegmentBytes=8MiB", "Storage:MinFreeBytes=0", .. settings] };

    [Fact]
    public async Task Run_Ready_PrintsOneLineAndLogsNothingElseToStandardOutput()
    {
        var lines = new List<string>();
        await using EdgeProcess edge = await EdgeProcess.StartAsync(Start());
        Assert.True(edge.Ports is { Mqtt: > 0, Kafka: > 0, Http: > 0 });
        Assert.Equal(edge.Pid, RunFile.TryRead(_directory.Path)!.Process.Pid);
        CommandResult status = await Command.RunAsync(EdgeExecutable.Default, ["status", "--json", "--data", _directory.Path]);
        Assert.True(status.ExitCode == 0 && JsonDocument.Parse(status.StandardOutput).RootElement.GetProperty("ready").GetBoolean(), status.ToString());
        Assert.Single(edge.Output.ToString().Split('\n'), static line => line.StartsWith("out|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Status_AfterKill_IsStaleAndTheNextStartReplacesIt()
    {
        int pid;
        await using (EdgeProcess first = await EdgeProcess.StartAsync(Start()))
        {
            pid = first.Pid;
            Signals.Kill(pid);
            await Eventually.TrueAsync(() => first.HasExited, TimeSpan.FromSeconds(30), "the killed process is gone");
        }
        Assert.True(File.Exists(RunFile.PathIn(_directory.Path)));
        CommandResult stale = await Command.RunAsync(EdgeExecutable.Default, ["status", "--data", _directory.Path]);
        Assert.Equal(3, stale.ExitCode);
        Assert.Contains($"process {pid}, which is gone", stale.StandardError, StringComparison.Ordinal);
        await using EdgeProcess second = await EdgeProcess.StartAsync(Start());
        Assert.Equal(0, (await Command.RunAsync(EdgeExecutable.Default, ["status", "--data", _directory.Path])).ExitCode);
    }

    [Fact]
    public async Task Terminate_Running_EndsWith0AndRemovesRunJson()
    {
        Task<CommandResult> run = Command.RunAsync(EdgeExecutable.Default, Start().Arguments, timeout: TimeSpan.FromSeconds(90));
        await Eventually.TrueAsync(() => RunFile.TryRead(_directory.Path) is not null, TimeSpan.FromSeconds(60), "run.json");
        Signals.Terminate(RunFile.TryRead(_directory.Path)!.Process.Pid);
        CommandResult ended = await run;
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.False(File.Exists(RunFile.PathIn(_directory.Path)));
    }

    [Fact]
    public async Task Run_DirectoryInUse_Is3()
    {
        await using EdgeProcess first = await EdgeProcess.StartAsync(Start());
        var refused = await Assert.ThrowsAsync<EdgeStartException>(() => EdgeProcess.StartAsync(Start()));
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("is in use by another process", refused.Message, StringComparison.Ordinal);
    }

    [RequiresToolFact("mosquitto_pub", "kcat")]
    public async Task Publish_WithARealClient_ComesOutOverKafka()
    {
        await using EdgeProcess edge = await EdgeProcess.StartAsync(Start());
        CommandResult published = await Command.RunAsync("mosquitto_pub", ["-p", $"{edge.Ports.Mqtt}", "-t", "sensors/kitchen/temp", "-q", "1", "-m", "21.5"]);
        Assert.True(published.ExitCode == 0, published.ToString());
        CommandResult consumed = await Command.RunAsync("kcat", ["-C", "-b", edge.KafkaAddress, "-t", "telemetry", "-e", "-q", "-f", "%k=%s\n"]);
        Assert.Equal("sensors/kitchen/temp=21.5\n", consumed.StandardOutput);
    }
}
