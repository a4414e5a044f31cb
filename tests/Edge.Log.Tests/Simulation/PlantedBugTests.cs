using System.Diagnostics;
using Edge.Log.Storage;
using Edge.Testing.Simulation;
using Edge.Testing.Storage;
using Xunit.Abstractions;

namespace Edge.Log.Tests.Simulation;

/// <summary>The proof of the proof: each planted bug has to be found, or the simulation checks nothing.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    public static TheoryData<DiskMutation> Mutations => [.. Enum.GetValues<DiskMutation>()];

    [Theory, MemberData(nameof(Mutations))]
    public void Simulation_PlantedBugInTheDisk_IsFoundWithinTenSeconds(DiskMutation mutation)
    {
        bool needsFault = mutation is DiskMutation.SyncFailureSwallowed or DiskMutation.SyncRetried or DiskMutation.WriteFailureSwallowed;
        DiskOperations kind = mutation == DiskMutation.WriteFailureSwallowed ? DiskOperations.Write : DiskOperations.Sync;
        Find(seed => new SimulationOptions
        {
            LargeBatchPercent = seed % 3 == 0 ? 20 : 5,
            Decorate = disk =>
            {
                if (needsFault && disk.Operations == 0) disk.Faults.Add(new FaultRule(kind, 4 + ((long)seed % 20), Errno.Io));
                return new MutantDisk(disk, mutation);
            },
        });
    }

    [Fact]
    public void Simulation_AcknowledgementBeforeSync_IsFoundWithinTenSeconds() => Find(_ => new SimulationOptions { AcknowledgesOnWrite = true });

    private void Find(Func<ulong, SimulationOptions> options)
    {
        Stopwatch watch = Stopwatch.StartNew();
        for (ulong seed = 1; watch.Elapsed < TimeSpan.FromSeconds(10); seed++)
        {
            try { SimulationRun.Run(seed, options(seed)); }
            catch (SimulationFailureException e)
            {
                output.WriteLine($"Found after {watch.ElapsedMilliseconds} ms: {e.Message}");
                return;
            }
        }
        Assert.Fail("The planted bug was not found within 10 s.");
    }
}
