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
    public void Journal_PowerCutAtEveryOperation_KeepsWhatItAcknowledged()
    {
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        SimulationResult total = SimulationRun.RunMany(1, OptionsOf, r => r.CrashPoints >= 2_000);
        output.WriteLine($"{total}; {watch.Elapsed.TotalSeconds:F1} s, {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds:F1} s of processor");
        Assert.True(total.CrashPoints >= 2_000 && total.Acknowledged > 0 && total.Segments > total.Seeds);
    }
}
