using System.Globalization;

namespace Edge.Crash.Tests.Killing;

/// <summary>What a kill loop found.</summary>
/// <param name="LocalCopies">Messages stored twice locally: stored, not acknowledged before a kill, sent again.</param>
/// <param name="HubCopies">Records that arrived at the hub more than once, told apart by their edge.id.</param>
/// <param name="Problems">What must not be; empty when all is well.</param>
internal sealed record KillReport(int Seed, long Acknowledged, int Kills, int HubKills, long LocalRecords, long LocalCopies, long HubRecords, long HubCopies, TimeSpan Elapsed, IReadOnlyList<string> Problems)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed}: {Acknowledged} acknowledged, {Kills} kills of the appliance, {HubKills} of the hub; in the log {LocalRecords} records ({LocalCopies} sent again by clients); at the hub {HubRecords} ({HubCopies} forwarded again); {Elapsed.TotalSeconds:0.0} s; {(Problems.Count == 0 ? "nothing lost" : string.Join("; ", Problems))}");
}
