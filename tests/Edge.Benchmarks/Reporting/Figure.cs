namespace Edge.Benchmarks.Reporting;

/// <summary>One measured figure.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Build">Which build: <c>native</c>, <c>framework</c> (on the shared .NET runtime), or another program's name.</param>
/// <param name="Runs">Each run, in the order they were made; the figure is their median.</param>
/// <param name="Note">How it was measured, or how it compares.</param>
internal sealed record Figure(string Name, string Build, string Unit, IReadOnlyList<double> Runs, string Note = "")
{
    public double Median
    {
        get
        {
            double[] sorted = [.. Runs.Order()];
            return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
        }
    }
}
