using Edge.Testing.Processes;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Crash.Tests.Killing;

/// <summary>Acknowledged means stored, whatever is killed and when. scripts/soak kill runs the same, larger.</summary>
[Trait("Category", "Slow")]
public sealed class KillLoopTests(ITestOutputHelper output)
{
    [Fact]
    public Task Kill_ApplianceUnderLoad_EveryAcknowledgedMessageIsInTheLogAndAtTheHub() => RunAsync(new KillOptions { Messages = 20_000, Connections = 10, Kills = 4 });

    [Fact]
    public Task Kill_HubWhileItIsForwardedTo_EveryAcknowledgedMessageArrives() => RunAsync(new KillOptions { Messages = 20_000, Connections = 4, Kills = 0, HubKills = 3 });

    [Fact]
    public Task Kill_BothInTurn_EveryAcknowledgedMessageArrives() => RunAsync(new KillOptions { Messages = 10_000, Connections = 20, Kills = 2, HubKills = 2, Window = 100 });

    [RequiresNativeEdgeFact]
    public Task Kill_NativeApplianceUnderLoad_EveryAcknowledgedMessageIsInTheLogAndAtTheHub() =>
        RunAsync(new KillOptions { Messages = 20_000, Connections = 10, Kills = 4, HubKills = 1, Executable = EdgeExecutable.Native! });

    // The long loop: 200 kills of the native program, which is back in a tenth of a second; without one fewer, since the other takes several times as long.
    [Fact]
    public Task Kill_ApplianceManyTimes_EveryAcknowledgedMessageIsInTheLogAndAtTheHub()
    {
        int kills = EdgeExecutable.Native is null ? 12 : 200;
        output.WriteLine(EdgeExecutable.Native is null ? $"no native build: {kills} kills of the one on the shared runtime instead of 200" : $"{kills} kills of the native build");
        return RunAsync(new KillOptions { Messages = kills * 250, Connections = 8, Kills = kills, Executable = EdgeExecutable.Native });
    }

    private async Task RunAsync(KillOptions options)
    {
        output.WriteLine($"seed {options.Seed}");
        KillReport report = await new KillLoop(options, output.WriteLine).RunAsync();
        output.WriteLine(report.ToString());
        Assert.True(report.Problems.Count == 0, report.ToString());
        Assert.Equal(options.Messages, report.Acknowledged);
        Assert.Equal(options.Kills, report.Kills);
        Assert.Equal(options.HubKills, report.HubKills);
    }
}
