using Edge.Testing.Processes;
using Xunit;
using Xunit.Abstractions;

namespace Edge.Crash.Tests.PowerCuts;

/// <summary>Acknowledged means on stable storage: after a power cut on a real ext4 everything acknowledged is there. scripts/soak power runs the same, larger.</summary>
[Trait("Category", "Slow")]
public sealed class PowerCutTests(ITestOutputHelper output)
{
    [RequiresLoopDeviceFact]
    public async Task PowerCut_50TimesOnExt4_LosesNothingAcknowledged()
    {
        PowerCutReport report = await RunAsync(new PowerCutOptions { Cuts = 50 });
        Assert.True(report.CutsWithLoss == 0, report.ToString());
        Assert.True(report.Acknowledged > 1000 && report.Checked > 1000, report.ToString());
    }

    // The control: without it nobody knows whether the cut takes anything at all.
    [RequiresLoopDeviceFact]
    public async Task PowerCut_WithoutSync_LosesWhatWasAcknowledged()
    {
        PowerCutReport report = await RunAsync(new PowerCutOptions { Cuts = 5, WithoutSync = true });
        Assert.True(report.CutsWithLoss >= 4, report.ToString());
    }

    private async Task<PowerCutReport> RunAsync(PowerCutOptions options)
    {
        output.WriteLine($"seed {options.Seed}");
        PowerCutReport report = await new PowerCutLoop(options, output.WriteLine).RunAsync();
        output.WriteLine(report.ToString());
        return report;
    }
}
