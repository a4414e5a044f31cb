using System.Globalization;

namespace Edge.Crash.Tests.Syncing;

/// <summary>What a sync soak did and found, as a read_committed consumer of the centre sees it.</summary>
/// <param name="Records">Records in the appliance's log.</param>
internal sealed record SoakReport(int Seed, int Kills, int Cuts, int BrokersKilled, int Frozen, long Records, long Lost, long Duplicated, long Reordered, TimeSpan Elapsed)
{
    public bool IsClean => Lost == 0 && Duplicated == 0 && Reordered == 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed}: {Kills} kills, {Cuts} cuts, {BrokersKilled} brokers killed, {Frozen} times frozen; {Records} records: {Lost} lost, {Duplicated} duplicated, {Reordered} reordered; {Elapsed.TotalSeconds:0} s");
}
