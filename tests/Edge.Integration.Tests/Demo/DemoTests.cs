using System.Globalization;
using System.Text.RegularExpressions;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Integration.Tests.Demo;

/// <summary>The main job as a person starts it: scripts/run ends in this command.</summary>
[Trait("Category", "Slow")]
public sealed partial class DemoTests
{
    [Fact]
    public async Task Demo_OutageOf5Seconds_BacklogGrowsAndDrainsAndNothingIsLost()
    {
        using var data = new TempDirectory();
        CommandResult result = await Command.RunAsync(EdgeExecutable.Default, ["demo", "--outage", "5", "--for", "15", "--data", data.At("demo")], timeout: TimeSpan.FromMinutes(4));
        Assert.True(result.ExitCode == 0, result.ToString());
        Match verdict = Verdict().Match(result.StandardOutput);
        Assert.True(verdict.Success, result.ToString());
        long sent = long.Parse(verdict.Groups["sent"].ValueSpan, CultureInfo.InvariantCulture);
        Assert.True(sent > 50, $"this machine's own sensors gave {sent} records");
        Assert.Equal(verdict.Groups["sent"].Value, verdict.Groups["delivered"].Value);
        long worst = Backlog().Matches(result.StandardOutput).Max(static m => long.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        Assert.True(worst > 20, $"during the outage the backlog was {worst} at most");
        Assert.Contains("drained", result.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_DataOfAnEarlierRun_GoesOnWhereItStopped()
    {
        using var data = new TempDirectory();
        string[] arguments = ["demo", "--for", "3", "--data", data.At("demo")];
        CommandResult first = await Command.RunAsync(EdgeExecutable.Default, arguments, timeout: TimeSpan.FromMinutes(3));
        Assert.True(first.ExitCode == 0, first.ToString());
        CommandResult second = await Command.RunAsync(EdgeExecutable.Default, arguments, timeout: TimeSpan.FromMinutes(3));
        Assert.True(second.ExitCode == 0, second.ToString());
        long Sent(CommandResult run) => long.Parse(Verdict().Match(run.StandardOutput).Groups["sent"].ValueSpan, CultureInfo.InvariantCulture);
        Assert.True(Sent(second) > Sent(first), $"{Sent(first)} records after the first run, {Sent(second)} after the second");
    }

    [Theory]
    [InlineData("--outage", "20", "--for", "10")]
    [InlineData("--for", "-1", "--outage", "0")]
    [InlineData("--centre", "nowhere", "--for", "5")]
    public async Task Demo_WrongArguments_SaysWhichAndEndsWith2(params string[] arguments)
    {
        CommandResult result = await Command.RunAsync(EdgeExecutable.Default, ["demo", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(arguments[0], result.StandardError, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^sent (?<sent>\d+), delivered (?<delivered>\d+), lost 0, duplicated 0, reordered 0\s*$", RegexOptions.Multiline)]
    private static partial Regex Verdict();

    [GeneratedRegex(@"backlog (\d+)")]
    private static partial Regex Backlog();
}
