using System.Text.Json;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("run", "--nonsense")]
    [InlineData("consume")]
    [InlineData("topic", "create")]
    [InlineData("audit", "--topic", "t")]
    [InlineData("consume", "t", "--format", "xml")]
    [InlineData("consume", "t", "--max", "many")]
    public async Task Run_WrongUsage_Is2AndSaysWhyOnStandardError(params string[] arguments)
    {
        CommandResult result = await TestAppliance.CliAsync("", arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.StandardOutput);
        Assert.StartsWith("edge: ", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_Json_IsOneDocument()
    {
        CommandResult result = await TestAppliance.CliAsync("", "version", "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(3, JsonDocument.Parse(result.StandardOutput).RootElement.GetProperty("version").GetString()!.Split('.').Length);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("topics")]
    [InlineData("sensors")]
    [InlineData("consume", "t")]
    public async Task Run_NoApplianceThere_Is3AndNamesTheDirectory(params string[] arguments)
    {
        using var directory = new TempDirectory();
        CommandResult result = await TestAppliance.CliAsync("", [.. arguments, "--data", directory.Path]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(directory.Path, result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_NothingListensAtTheAddress_Is3()
    {
        CommandResult result = await TestAppliance.CliAsync("", "status", "--url", "http://127.0.0.1:1");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("http://127.0.0.1:1", result.StandardError, StringComparison.Ordinal);
        Assert.Equal(2, (await TestAppliance.CliAsync("", "status", "--url", "nowhere")).ExitCode);
    }

    [Fact]
    public async Task ConfigCheck_BadFile_Is2WithEveryProblem()
    {
        using var directory = new TempDirectory();
        string file = directory.At("edge.json");
        await File.WriteAllTextAsync(file, """{ "Mqtt": { "Prot": 1 }, "Kafka": { "Port": -1 } }""");
        CommandResult text = await TestAppliance.CliAsync("", "config", "check", file);
        Assert.Equal(2, text.ExitCode);
        Assert.Contains("2 problems", text.StandardError, StringComparison.Ordinal);
        CommandResult json = await TestAppliance.CliAsync("", "config", "check", file, "--json");
        Assert.Equal(2, json.ExitCode);
        JsonElement root = JsonDocument.Parse(json.StandardOutput).RootElement;
        Assert.False(root.GetProperty("ok").GetBoolean());
        Assert.Equal(["Mqtt:Prot", "Kafka:Port"], root.GetProperty("problems").EnumerateArray().Select(static p => p.GetProperty("key").GetString()!));
        await File.WriteAllTextAsync(file, """{ "Mqtt": { "Port": 0 } }""");
        Assert.Equal(0, (await TestAppliance.CliAsync("", "config", "check", file)).ExitCode);
    }

    [Fact]
    public async Task Run_BadConfiguration_Is2AndNothingStarts()
    {
        using var directory = new TempDirectory();
        string data = directory.At("data");
        CommandResult result = await TestAppliance.CliAsync("", "run", "--data", data, "--set", "Mqtt:Port=x");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Mqtt:Port is 'x'", result.StandardError, StringComparison.Ordinal);
        Assert.Empty(result.StandardOutput);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task ConfigShow_Set_SaysWhereItCameFrom()
    {
        CommandResult result = await TestAppliance.CliAsync("", "config", "show", "--set", "Mqtt:Port=5", "--json");
        JsonElement port = JsonDocument.Parse(result.StandardOutput).RootElement.EnumerateArray().Single(static k => k.GetProperty("key").GetString() == "Mqtt:Port");
        Assert.Equal(("5", "--set"), (port.GetProperty("value").GetString(), port.GetProperty("origin").GetString()));
    }

    [Fact]
    public async Task ConfigSchema_Always_IsJson() =>
        Assert.Equal("object", JsonDocument.Parse((await TestAppliance.CliAsync("", "config", "schema")).StandardOutput).RootElement.GetProperty("type").GetString());

    [Fact]
    public async Task ProduceAndConsume_Lines_ComeBackInOrder()
    {
        await using TestAppliance edge = await TestAppliance.StartAsync();
        string input = string.Concat(Enumerable.Range(0, 1200).Select(static i => $"line {i} ü\n"));
        CommandResult produced = await edge.RunWithInputAsync(input, "produce", "notes", "--key", "k");
        Assert.True(produced.ExitCode == 0, produced.ToString());
        CommandResult raw = await edge.RunAsync("consume", "notes", "--format", "raw");
        Assert.Equal(input, raw.StandardOutput);
        CommandResult two = await edge.RunAsync("consume", "notes", "--from", "10", "--max", "2", "--format", "json", "--partition", Partition(raw: await edge.RunAsync("consume", "notes", "--max", "1", "--json")));
        JsonElement[] records = [.. two.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(["line 10 ü", "line 11 ü"], records.Select(static r => r.GetProperty("value").GetString()!));
        Assert.Equal(["topic", "partition", "offset", "timestamp", "key", "value", "headers"], records[0].EnumerateObject().Select(static p => p.Name));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", records[0].GetProperty("timestamp").GetString()!);

        static string Partition(CommandResult raw) => JsonDocument.Parse(raw.StandardOutput).RootElement.GetProperty("partition").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Consume_FollowWithMax_WaitsForWhatIsMissing()
    {
        await using TestAppliance edge = await TestAppliance.StartAsync();
        await edge.RunWithInputAsync("first\n", "produce", "live", "--key", "a");
        Task<CommandResult> follow = edge.RunAsync("consume", "live", "--follow", "--max", "3", "--format", "raw");
        await edge.RunWithInputAsync("second\nthird\n", "produce", "live", "--key", "a");
        Assert.Equal("first\nsecond\nthird\n", (await follow).StandardOutput);
    }

    [Fact]
    public async Task Topic_CreateDescribeSetDelete_DoesIt()
    {
        await using TestAppliance edge = await TestAppliance.StartAsync();
        Assert.Equal(0, (await edge.RunAsync("topic", "create", "t1", "--partitions", "2", "--config", "retention.ms=3600000")).ExitCode);
        Assert.Equal(2, (await edge.RunAsync("topic", "create", "t1")).ExitCode);
        Assert.Equal(2, (await edge.RunAsync("topic", "create", "bad name")).ExitCode);
        Assert.Equal(2, (await edge.RunAsync("topic", "create", "t2", "--config", "retention.msec=1")).ExitCode);
        Assert.Equal(4, (await edge.RunAsync("topic", "create", "__mine")).ExitCode);
        Assert.Equal(0, (await edge.RunAsync("topic", "set", "t1", "--partitions", "3", "--config", "retention.bytes=5")).ExitCode);
        JsonElement topic = JsonDocument.Parse((await edge.RunAsync("topic", "describe", "t1", "--json")).StandardOutput).RootElement;
        Assert.Equal((3, "3600000", "5"), (topic.GetProperty("partitions").GetArrayLength(), topic.GetProperty("config").GetProperty("retention.ms").GetString(), topic.GetProperty("config").GetProperty("retention.bytes").GetString()));
        Assert.Contains("\"t1\"", (await edge.RunAsync("topics", "--json")).StandardOutput, StringComparison.Ordinal);
        Assert.Equal(0, (await edge.RunAsync("topic", "delete", "t1")).ExitCode);
        Assert.Equal(2, (await edge.RunAsync("topic", "describe", "t1")).ExitCode);
    }

    [Fact]
    public async Task Status_Running_IsReadyWithEveryRoom()
    {
        await using TestAppliance edge = await TestAppliance.StartAsync();
        CommandResult result = await edge.RunAsync("status", "--json");
        Assert.Equal(0, result.ExitCode);
        JsonElement status = JsonDocument.Parse(result.StandardOutput).RootElement;
        Assert.Equal((edge.Appliance.Journal.DeviceId, "running", true), (status.GetProperty("device").GetString(), status.GetProperty("state").GetString(), status.GetProperty("ready").GetBoolean()));
        foreach (string room in new[] { "journal", "ingest", "mqtt", "kafka", "sync", "sensors", "catalog" }) Assert.Equal(JsonValueKind.Object, status.GetProperty(room).ValueKind);
        Assert.Contains("ready", (await edge.RunAsync("status")).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sensors_ListAndRead_ShowReadings()
    {
        await using TestAppliance edge = await TestAppliance.StartAsync(settings: ["""Sensors=[{"Name":"box","Interval":"100ms"}]"""]);
        CommandResult read = await edge.RunAsync("sensors", "read", "box", "--json");
        Assert.True(read.ExitCode == 0, read.ToString());
        Assert.NotEmpty(JsonDocument.Parse(read.StandardOutput).RootElement.GetProperty("readings").EnumerateArray());
        CommandResult unknown = await edge.RunAsync("sensors", "read", "nobody");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("box", unknown.StandardError, StringComparison.Ordinal);
        Assert.Contains("\"box\"", (await edge.RunAsync("sensors", "list", "--json")).StandardOutput, StringComparison.Ordinal);
    }


    [Fact]
    public async Task Audit_PropertiesThatAreNotThere_Is2() =>
        Assert.Equal(2, (await TestAppliance.CliAsync("", "audit", "--bootstrap", "127.0.0.1:1", "--topic", "t", "--config", "/does/not/exist")).ExitCode);
}
