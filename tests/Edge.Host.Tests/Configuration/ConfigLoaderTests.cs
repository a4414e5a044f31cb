using System.Collections;
using Edge.Host.Configuration;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Configuration;

public sealed class ConfigLoaderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private LoadedConfig Load(string? json = null, Hashtable? environment = null, string[]? settings = null, bool isHub = false)
    {
        string? file = null;
        if (json is not null) File.WriteAllText(file = _directory.At("edge.json"), json);
        return ConfigLoader.Load(new ConfigInput(file, environment ?? [], settings ?? [], isHub));
    }

    private IReadOnlyList<string> Problems(string? json = null, Hashtable? environment = null, string[]? settings = null) =>
        [.. Assert.Throws<ConfigException>(() => Load(json, environment, settings)).Problems.Select(static p => p.ToString())];

    [Fact]
    public void Load_Nothing_IsTheDefaultsWithTheMachinesOwnSensor()
    {
        EdgeOptions options = Load().Options;
        Assert.Equal((1883, 9092, 8080), (options.Mqtt.Port, options.Kafka.Port, options.Http.Port));
        Assert.Equal("host", Assert.Single(options.Sensors).Driver);
        Assert.False(options.Sync.IsActive);
        Assert.Empty(options.Routes);
    }

    [Fact]
    public void Load_Hub_HasNeitherUplinkNorSensors()
    {
        EdgeOptions options = Load(settings: ["Sync:BootstrapServers=a:1"], isHub: true).Options;
        Assert.False(options.Sync.IsActive);
        Assert.Empty(options.Sensors);
        Assert.True(Load(settings: ["Sync:BootstrapServers=a:1", "Sync:Enabled=true"], isHub: true).Options.Sync.IsActive);
    }

    [Fact]
    public void Load_SameKeyEverywhere_SetWinsOverEnvironmentOverFile()
    {
        const string json = """{ "Mqtt": { "Port": 1 }, "Kafka": { "Port": 2 }, "Http": { "Port": 3 } }""";
        var environment = new Hashtable { ["EDGE_KAFKA__PORT"] = "12", ["EDGE_Http__Port"] = "13", ["PATH"] = "/bin" };
        LoadedConfig config = Load(json, environment, ["http:port=23"]);
        Assert.Equal((1, 12, 23), (config.Options.Mqtt.Port, config.Options.Kafka.Port, config.Options.Http.Port));
        Assert.Equal(("edge.json", "EDGE_KAFKA__PORT", "--set"), (config.Origins["Mqtt:Port"], config.Origins["Kafka:Port"], config.Origins["Http:Port"]));
    }

    [Fact]
    public void Load_CommentsCaseAndTrailingCommas_AreTaken()
    {
        EdgeOptions options = Load("""
            { // line
              "mqtt": { "PORT": 1884, /* block */ "maxPacketBytes": "64KiB" },
              "Commit": { "Linger": "20ms", "PadBytes": 512, },
              "Device:Site": "hall", "Sync": { "Include": ["a", "b*"], "Enabled": null },
            }
            """).Options;
        Assert.Equal((1884, 65536, 512, "hall"), (options.Mqtt.Port, options.Mqtt.MaxPacketBytes, options.Log.PadBytes, options.Site));
        Assert.Equal(["a", "b*"], options.Sync.Include);
        Assert.True(options.Sync.Enabled);
    }

    [Fact]
    public void Load_SeveralProblems_AreReportedAtOnceAndNothingElse()
    {
        IReadOnlyList<string> problems = Problems(
            """{ "Mqtt": { "Prot": 1, "Port": "1883" }, "Kafka": { "Port": 70000 }, "Sync": { "Linger": 5 } }""",
            new Hashtable { ["EDGE_Commit__Linger"] = "99h" }, ["Storage:SegmentBytes=5MiBB"]);
        Assert.Equal(6, problems.Count);
        Assert.Contains(problems, static p => p.StartsWith("Mqtt:Prot: unknown key; did you mean Mqtt:Port.", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p == "Mqtt:Port is '1883'; use a port, 0 (any free one) to 65535, without quotes. (edge.json)");
        Assert.Contains(problems, static p => p.StartsWith("Kafka:Port is '70000'; use a port", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.StartsWith("Sync:Linger is '5'; use a duration", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.EndsWith("(EDGE_Commit__Linger)", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.StartsWith("Storage:SegmentBytes is '5MiBB'", StringComparison.Ordinal) && p.EndsWith("(--set)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Mqtt:Prot", "Mqtt:Port")]
    [InlineData("Kafka:BindAdress", "Kafka:BindAddress")]
    [InlineData("Mqtt:MaxRecordBytes", "Limits:MaxRecordBytes")]
    [InlineData("Topics:alarms:retention.msec", "Topics:alarms:retention.ms")]
    [InlineData("Routes:0:Filtre", "Routes:0:Filter")]
    public void Load_UnknownKey_NamesTheNearest(string given, string nearest) => Assert.Contains($"did you mean {nearest}", Assert.Single(Problems(settings: [$"{given}=1"])), StringComparison.Ordinal);

    [Fact]
    public void Load_UnknownKeyLikeNothing_NamesNoKey() => Assert.Contains("lists all", Assert.Single(Problems(settings: ["Qwertyuiop:Zxcvbnm=1"])), StringComparison.Ordinal);

    [Theory]
    [InlineData("Sync:ClockWait=60s")]
    [InlineData("Sync:Lanes:0:Name=x")]
    [InlineData("Clock:RequireSync=always")]
    public void Load_KeyOfALaterVersion_IsRefusedByName(string setting) => Assert.Contains("not in this version", Assert.Single(Problems(settings: [setting])), StringComparison.Ordinal);

    [Theory]
    [InlineData("Mqtt")]
    [InlineData("Kafka")]
    [InlineData("Http")]
    public void Load_ListenerOthersReach_NeedsUnsafePlaintext(string listener)
    {
        Assert.Contains($"{listener}:UnsafePlaintext", Assert.Single(Problems(settings: [$"{listener}:BindAddress=0.0.0.0"])), StringComparison.Ordinal);
        Load(settings: [$"{listener}:BindAddress=0.0.0.0", $"{listener}:UnsafePlaintext=true"]);
        Load(settings: [$"{listener}:BindAddress=::1"]);
    }

    [Fact]
    public void Load_SamePortTwice_IsRefused_ButNotZero()
    {
        Assert.Contains("Mqtt:Port and Http:Port are both 5000", Assert.Single(Problems(settings: ["Mqtt:Port=5000", "Http:Port=5000"])), StringComparison.Ordinal);
        Load(settings: ["Mqtt:Port=0", "Http:Port=0", "Kafka:Port=0"]);
    }

    [Fact]
    public void Load_Routes_KeepTheirOrderAndMergeByIndex()
    {
        EdgeOptions options = Load("""{ "Routes": [ { "Filter": "a/#" }, { "filter": "b/+", "topic": "b", "key": "{1}" } ] }""", settings: ["Routes:1:Topic=c"]).Options;
        Assert.Equal(["a/#", "b/+"], options.Routes.Select(static r => r.Filter));
        Assert.Equal(("telemetry", "c", "{1}"), (options.Routes[0].Topic, options.Routes[1].Topic, options.Routes[1].Key));
    }

    [Fact]
    public void Load_ListOnTheCommandLine_IsJson()
    {
        Assert.Empty(Load(settings: ["Sensors=[]"]).Options.Sensors);
        Assert.Empty(Load("""{ "Sensors": [ { "Name": "a" } ] }""", settings: ["Sensors=[]"]).Options.Sensors);
        Assert.Equal("x", Assert.Single(Load(settings: ["""Routes=[{"Filter":"x"}]"""]).Options.Routes).Filter);
    }

    [Theory]
    [InlineData("Routes:1:Filter=a", "is given without Routes:0")]
    [InlineData("Routes:x:Filter=a", "is no index")]
    [InlineData("Routes:5000:Filter=a", "is no index")]
    [InlineData("Sensors:0:Driver=quantum", "quantum")]
    [InlineData("Sensors:0:Settings:nonsense=1", "nonsense")]
    [InlineData("Sync:BootstrapServers=nowhere", "Sync:BootstrapServers")]
    [InlineData("Mqtt=5", "is a section")]
    [InlineData("Topics:Defaults:full=drop-newest", "one of reject")]
    [InlineData("Topics:Defaults:cleanup.policy=compact", "one of delete")]
    public void Load_EntryThatCannotBe_IsRefused(string setting, string said) => Assert.Contains(said, Assert.Single(Problems(settings: [setting])), StringComparison.Ordinal);

    [Fact]
    public void Load_Topics_BeginWithTheDefaults()
    {
        EdgeOptions options = Load("""{ "Topics": { "alarms": { "partitions": 1 }, "Defaults": { "retention.ms": "30d", "partitions": 8 }, "Alarms": { } } }""").Options;
        Assert.Equal((1, 30L * 86_400_000), (options.Topics["alarms"].Partitions, options.Topics["alarms"].Config.RetentionMs));
        Assert.Equal(8, options.Ingest.DefaultPartitions);
    }

    [Theory]
    [InlineData("{ \"Mqtt\": ")]
    [InlineData("[1]")]
    [InlineData("")]
    [InlineData("{ \"Mqtt\": { \"Port\": 1, \"PORT\": 2 } }")]
    [InlineData("{ \"Routes\": [ {} ] }")]
    [InlineData("{ \"Sync\": { \"Include\": [1] } }")]
    public void Load_FileThatIsNoConfiguration_IsOneProblem(string json) => Assert.Single(Problems(json));

    [Fact]
    public void Load_FileThatIsNotThere_SaysSo() =>
        Assert.Contains("no such file", Assert.Throws<ConfigException>(() => ConfigLoader.Load(new ConfigInput(_directory.At("missing.json"), new Hashtable(), []))).Message, StringComparison.Ordinal);

    // Goal: whatever is given, the answer is options or problems. Method: random edits of a valid file.
    [Fact]
    public void Load_RandomlyDamagedFile_IsOptionsOrProblems()
    {
        const string valid = """{ "Mqtt": { "Port": 1884 }, "Routes": [ { "Filter": "a/+", "Key": "{1}" } ], "Topics": { "t": { "retention.ms": "7d" } }, "Sync": { "Include": ["x"], "Linger": "1s" } }""";
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int i = 0; i < 500; i++)
        {
            char[] text = valid.ToCharArray();
            for (int edits = random.Next(1, 4); edits > 0; edits--) text[random.Next(text.Length)] = "{}[]\",:0aZ \\*-"[random.Next(14)];
            try { Load(new string(text)); }
            catch (ConfigException) { }
            catch (Exception e) { Assert.Fail($"seed {seed}, edit {i}: {new string(text)}: {e}"); }
        }
    }
}
