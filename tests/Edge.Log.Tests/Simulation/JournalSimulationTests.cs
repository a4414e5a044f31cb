using Edge.Testing.Storage;
using Xunit.Abstractions;

namespace Edge.Log.Tests.Simulation;

public sealed class JournalSimulationTests(ITestOutputHelper output)
{
    // A life of small records only, one of rolling segments, one on a medium that damages the pages a torn write touches, one on a disk that is too small.
    [Theory]
    [InlineData(1, 12, 0, 0, 0, 12)]
    [InlineData(1000, 12, 20, 0, 0, 6)]
    [InlineData(2000, 10, 5, 4096, 0, 4)]
    [InlineData(3000, 20, 70, 0, 5, 2)]
    public void Journal_PowerCutAtEveryOperation_KeepsWhatItAcknowledged(ulong firstSeed, int steps, int largeBatchPercent, int padBytes, int capacityMiB, int seeds)
    {
        SimulationResult total = new();
        for (ulong seed = firstSeed; seed < firstSeed + (ulong)seeds; seed++)
            total.Add(JournalSimulation.Run(seed, new SimulationOptions { Steps = steps, LargeBatchPercent = largeBatchPercent, PadBytes = padBytes, CapacityBytes = capacityMiB == 0 ? 1L << 40 : (long)capacityMiB << 20 }));
        output.WriteLine(total.ToString());
        Assert.True(total.CrashPoints > 0 && total.Acknowledged > 0);
    }
}
