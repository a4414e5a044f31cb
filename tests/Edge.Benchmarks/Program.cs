using Edge.Benchmarks.Reporting;

namespace Edge.Benchmarks;

/// <summary>Measures the appliance on this machine. scripts/bench builds everything and calls <c>all</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            return arguments switch
            {
                ["all", .. var rest] => await AllAsync(BenchOptions.Parse(rest)),
                ["journal", .. var rest] => Journal(BenchOptions.Parse(rest)),
                _ => throw new ArgumentException("usage: all|journal [--seconds N] [--runs N] [--only mqtt,journal,device,forward,memory,start] [--edge PATH] [--native PATH] [--mqttload PATH] [--work DIR] [--save FILE]"),
            };
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static async Task<int> AllAsync(BenchOptions options)
    {
        var report = new BenchReport();
        Directory.CreateDirectory(options.Work);
        await new Suite(options, report).RunAsync();
        report.Print(Console.Out);
        if (options.Save is { } path) report.Save(path);
        return 0;
    }

    private static int Journal(BenchOptions options)
    {
        var report = new BenchReport();
        Directory.CreateDirectory(options.Work);
        new Suite(options, report).Journal();
        report.Print(Console.Out);
        return 0;
    }
}
