using System.Diagnostics;
using Edge.Testing.Simulation;
using Xunit.Abstractions;

namespace Edge.Log.Tests.Simulation;

public sealed class JournalSimulationTests(ITestOutputHelper output)
{
    // Lives of small records, of rolling segments, on a medium that damages the pages a torn write touches, on a disk that is too small.
    internal static SimulationOptions OptionsOf(ulong seed) => (seed % 8) switch
    {
        0 => new SimulationOptions { LargeBatchPercent = 0 },
        1 => new SimulationOptions { PadBytes = 4096, LargeBatchPercent = 10 },
        2 => new SimulationOptions { CapacityBytes = 8 * 64 << 10, LargeBatchPercent = 70, Steps = 16 },
        3 => new SimulationOptions { LargeBatchPercent = 60, Steps = 16 },
        _ => new SimulationOptions { LargeBatchPercent = 20 },
    };

    [Fact]
    public void Journal_PowerCutAtEveryOperation_KeepsWhatItAcknowledged() => RunUntil(firstSeed: 1, crashPoints: 2_000, TimeSpan.FromSeconds(20), atLeast: 200);

    // The figure: 100,000 crash points. A machine that is slower than a minute for them says how far it came.
    [Fact, Trait("Category", "Slow")]
    public void Journal_HundredThousandPowerCuts_KeepsWhatItAcknowledged() => RunUntil(firstSeed: 10_000, crashPoints: 100_000, TimeSpan.FromSeconds(45), atLeast: 1_000);

    private void RunUntil(ulong firstSeed, long crashPoints, TimeSpan limit, long atLeast)
    {
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        SimulationResult total = SimulationRun.RunMany(firstSeed, OptionsOf, r => r.CrashPoints >= crashPoints || watch.Elapsed > limit);
        output.WriteLine($"{total}; {watch.Elapsed.TotalSeconds:F1} s, {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds:F1} s of processor");
        Assert.True(total.CrashPoints >= atLeast && total.Acknowledged > 0 && total.Segments > total.Seeds, total.ToString());
    }
}
