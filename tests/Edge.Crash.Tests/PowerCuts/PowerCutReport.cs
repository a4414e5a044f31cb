using System.Globalization;

namespace Edge.Crash.Tests.PowerCuts;

/// <summary>What a power-cut loop found.</summary>
/// <param name="Acknowledged">Batches that were acknowledged.</param>
/// <param name="Checked">Records compared after recoveries.</param>
/// <param name="CutsWithLoss">Cuts after which an acknowledged batch was missing or different.</param>
/// <param name="Recycled">Segments that were removed by retention meanwhile, so that their space was used again.</param>
internal sealed record PowerCutReport(int Seed, int Cuts, long Acknowledged, long Checked, int CutsWithLoss, long Recycled, TimeSpan Elapsed, IReadOnlyList<string> Losses)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed}: {Cuts} power cuts, {Acknowledged} batches acknowledged, {Checked} records checked, loss after {CutsWithLoss} cuts, {Recycled} segments recycled or removed; {Elapsed.TotalSeconds:0.0} s{(Losses.Count > 0 ? "; " + string.Join("; ", Losses) : "")}");
}
