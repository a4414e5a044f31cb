using Edge.Testing.Centres;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Crash.Tests.Syncing;

/// <summary>Exactly once by the real program. scripts/soak sync runs the same, longer.</summary>
[Trait("Category", "Slow")]
public sealed class SyncSoakTests(ITestOutputHelper output)
{
    [Fact]
    public Task Forward_ToAHub_EachRecordArrivesOnceWhateverFails() => RunAsync(new SoakOptions());

    [KafkaFact]
    public Task Forward_ToThreeBrokers_EachRecordArrivesOnceWhateverFails() => RunAsync(new SoakOptions { Brokers = 3, Kills = 2, Cuts = 3 });

    private async Task RunAsync(SoakOptions options)
    {
        output.WriteLine($"seed {options.Seed}");
        SoakReport report = await new SyncSoak(options, output.WriteLine).RunAsync();
        output.WriteLine(report.ToString());
        Assert.True(report.IsClean && report.Records > 0, report.ToString());
    }
}
