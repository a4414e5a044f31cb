using System.Text.Json;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Commands;

/// <summary><c>edge log</c> and <c>edge backup</c> from the command line: exit codes, output, what is refused.</summary>
public sealed class LogCommandTests
{
    [Fact]
    public async Task Log_StoppedAppliance_VerifiesDumpsExportsAndNeedsNoRepair()
    {
        using var directory = new TempDirectory();
        await FillAsync(directory, "verified", 300);
        CommandResult verify = await TestAppliance.CliAsync("", "log", "verify", "--data", directory.Path, "--json");
        Assert.True(verify.ExitCode == 0, verify.ToString());
        JsonElement report = JsonDocument.Parse(verify.StandardOutput).RootElement;
        Assert.Equal("sound", report.GetProperty("verdict").GetString());
        Assert.Equal(300, report.GetProperty("partitions").EnumerateArray().Where(static p => p.GetProperty("topic").GetString() == "verified").Sum(static p => p.GetProperty("records").GetInt64()));
        Assert.Contains("sound", (await TestAppliance.CliAsync("", "log", "verify", "--data", directory.Path)).StandardOutput, StringComparison.Ordinal);

        CommandResult dump = await TestAppliance.CliAsync("", "log", "dump", "--data", directory.Path, "--topic", "verified", "--from", "10", "--limit", "5", "--json");
        Assert.True(dump.ExitCode == 0, dump.ToString());
        JsonElement[] records = [.. dump.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(["line 10", "line 11", "line 12", "line 13", "line 14"], records.Select(static r => r.GetProperty("value").GetString()!));
        Assert.Equal(["topic", "partition", "offset", "timestamp", "key", "value", "headers", "segment", "position", "ingestSequence", "epoch"], records[0].EnumerateObject().Select(static p => p.Name));
        Assert.Contains(":10 ", (await TestAppliance.CliAsync("", "log", "dump", "--data", directory.Path, "--topic", "verified", "--from", "10", "--limit", "1")).StandardOutput, StringComparison.Ordinal);
        Assert.Contains("active", (await TestAppliance.CliAsync("", "log", "dump", "--data", directory.Path, "--segments")).StandardOutput, StringComparison.Ordinal);

        CommandResult export = await TestAppliance.CliAsync("", "log", "export", "--data", directory.Path, "--topic", "verified", directory.At("kafka"), "--json");
        Assert.True(export.ExitCode == 0, export.ToString());
        Assert.Equal(300, JsonDocument.Parse(export.StandardOutput).RootElement.GetProperty("partitions").EnumerateArray().Sum(static p => p.GetProperty("records").GetInt64()));
        Assert.NotEmpty(Directory.GetFiles(directory.At("kafka"), "*.timeindex", SearchOption.AllDirectories));
        Assert.Equal(3, (await TestAppliance.CliAsync("", "log", "export", "--data", directory.Path, "--topic", "verified", directory.At("kafka"))).ExitCode); // nothing is overwritten

        CommandResult repair = await TestAppliance.CliAsync("", "log", "repair", "--data", directory.Path, "--json");
        Assert.True(repair.ExitCode == 0, repair.ToString());
        Assert.Equal(0, JsonDocument.Parse(repair.StandardOutput).RootElement.GetProperty("actions").GetArrayLength());
    }

    [Theory]
    [InlineData("log", "verify")]
    [InlineData("log", "dump")]
    [InlineData("log", "export", "--topic", "t", "/nowhere")]
    [InlineData("log", "repair", "--apply")]
    public async Task Log_ApplianceRunsOrNothingThere_Is3(params string[] arguments)
    {
        await using TestAppliance edge = await TestAppliance.StartAsync();
        CommandResult running = await edge.RunAsync(arguments);
        Assert.Equal(3, running.ExitCode);
        Assert.Contains("in use", running.StandardError, StringComparison.Ordinal);
        Assert.Empty(running.StandardOutput);
        using var empty = new TempDirectory();
        CommandResult nothing = await TestAppliance.CliAsync("", [.. arguments, "--data", empty.Path]);
        Assert.Equal(3, nothing.ExitCode);
        Assert.Contains(empty.Path, nothing.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(empty.Path)); // looking does not make a data directory
    }

    [Fact]
    public async Task Log_WrongUsage_Is2()
    {
        using var directory = new TempDirectory();
        await FillAsync(directory, "some", 3);
        Assert.Equal(2, (await TestAppliance.CliAsync("", "log")).ExitCode);
        Assert.Equal(2, (await TestAppliance.CliAsync("", "log", "dump", "--data", directory.Path, "--partition", "1")).ExitCode);
        CommandResult other = await TestAppliance.CliAsync("", "log", "dump", "--data", directory.Path, "--topic", "other");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("some", other.StandardError, StringComparison.Ordinal);
        Assert.Equal(2, (await TestAppliance.CliAsync("", "log", "export", "--data", directory.Path, directory.At("x"))).ExitCode);
    }

    [Fact]
    public async Task LogVerifyAndRepair_DamagedSegment_Is1ThenRepairedWithTheBytesKept()
    {
        using var directory = new TempDirectory();
        await FillAsync(directory, "hurt", 2000);
        string segment = Directory.GetFiles(directory.At("journal"), "*.seg").Order(StringComparer.Ordinal).First();
        byte[] bytes = await File.ReadAllBytesAsync(segment);
        int at = bytes.AsSpan().IndexOf("line 700"u8);
        bytes[at] ^= 0x40;
        await File.WriteAllBytesAsync(segment, bytes);
        CommandResult verify = await TestAppliance.CliAsync("", "log", "verify", "--data", directory.Path, "--json");
        Assert.True(verify.ExitCode == 1, verify.ToString());
        JsonElement problem = Assert.Single(JsonDocument.Parse(verify.StandardOutput).RootElement.GetProperty("problems").EnumerateArray());
        Assert.Equal(Path.GetFileName(segment), problem.GetProperty("file").GetString());
        Assert.InRange(at, problem.GetProperty("position").GetInt64(), problem.GetProperty("position").GetInt64() + problem.GetProperty("bytes").GetInt64());
        JsonElement lost = Assert.Single(problem.GetProperty("lost").EnumerateArray());
        Assert.Equal("hurt", lost.GetProperty("topic").GetString());
        Assert.InRange(700, lost.GetProperty("from").GetInt64(), lost.GetProperty("to").GetInt64());

        CommandResult dry = await TestAppliance.CliAsync("", "log", "repair", "--data", directory.Path);
        Assert.Equal(1, dry.ExitCode);
        Assert.Contains("would:", dry.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(segment));
        Assert.False(Directory.Exists(directory.At("quarantine")));
        CommandResult applied = await TestAppliance.CliAsync("", "log", "repair", "--data", directory.Path, "--apply");
        Assert.True(applied.ExitCode == 0, applied.ToString());
        Assert.True((await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(directory.At("quarantine"), Path.GetFileNameWithoutExtension(segment) + "*")))).AsSpan().IndexOf(bytes.AsSpan(at, 8)) > 0);
        Assert.Equal(0, (await TestAppliance.CliAsync("", "log", "verify", "--data", directory.Path)).ExitCode);
        await using TestAppliance edge = await TestAppliance.StartAsync(directory: directory);
        CommandResult consumed = await edge.RunAsync("consume", "hurt", "--format", "raw");
        string[] lines = consumed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("line 0", lines);
        Assert.Contains("line 1999", lines);
        Assert.DoesNotContain("line 700", lines);
    }

    [Fact]
    public async Task Backup_RunningAppliance_StartsWithEverything()
    {
        using var copy = new TempDirectory();
        await using TestAppliance edge = await TestAppliance.StartAsync();
        string input = string.Concat(Enumerable.Range(0, 500).Select(static i => $"line {i}\n"));
        Assert.Equal(0, (await edge.RunWithInputAsync(input, "produce", "kept", "--key", "k")).ExitCode);
        CommandResult backup = await edge.RunAsync("backup", copy.Path, "--json");
        Assert.True(backup.ExitCode == 0, backup.ToString());
        JsonElement result = JsonDocument.Parse(backup.StandardOutput).RootElement;
        Assert.Equal(("sound", edge.Appliance.Journal.DeviceId, edge.Appliance.Journal.LogId), (result.GetProperty("verdict").GetString(), result.GetProperty("device").GetString(), result.GetProperty("log").GetString()));
        Assert.Equal(2, (await edge.RunAsync("backup", copy.Path)).ExitCode); // not over another one
        Assert.False(File.Exists(Path.Combine(copy.Path, "run.json")));
        string marker = await File.ReadAllTextAsync(Path.Combine(copy.Path, "journal", "journal.fork"));
        Assert.StartsWith("edge-fork 1\n", marker, StringComparison.Ordinal);
        Assert.Equal(edge.Appliance.Journal.LogId, JsonDocument.Parse(marker.Split('\n')[1]).RootElement.GetProperty("log").GetString());
        await using TestAppliance restored = await TestAppliance.StartAsync(directory: copy);
        Assert.Equal(input, (await restored.RunAsync("consume", "kept", "--format", "raw")).StandardOutput);
    }

    [Fact]
    public async Task Backup_WithoutTheToken_Is4()
    {
        using var copies = new TempDirectory();
        await using TestAppliance edge = await TestAppliance.StartAsync();
        CommandResult refused = await TestAppliance.CliAsync("", "backup", copies.At("copy"), "--url", edge.Appliance.Url);
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("token", refused.StandardError, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2, (await edge.RunAsync("backup", copies.At("copy"), "--rate", "1")).ExitCode);
        Assert.False(Directory.Exists(copies.At("copy")));
    }

    private static async Task FillAsync(TempDirectory directory, string topic, int lines)
    {
        await using TestAppliance edge = await TestAppliance.StartAsync(directory: directory);
        Assert.Equal(0, (await edge.RunWithInputAsync(string.Concat(Enumerable.Range(0, lines).Select(static i => $"line {i}\n")), "produce", topic, "--key", "k")).ExitCode);
    }
}
