using System.Buffers;
using System.Text;
using Edge.Ingest.Routing;
using Edge.Log.Records;
using Xunit;

namespace Edge.Ingest.Tests.Routing;

public sealed class RouteSetTests
{
    [Fact]
    public void Find_NoRoutes_SendsEverythingToTelemetryKeyedByTopic()
    {
        RouteMatch match = Map([], "plant/a/temp")!.Value;
        Assert.Equal("telemetry", match.TopicName);
        Assert.Equal("plant/a/temp", Encoding.UTF8.GetString(match.Key));
        Assert.True(match.KeyIsMqttTopic);
        Assert.Null(Map([], "$SYS/uptime"));
    }

    [Fact]
    public void Find_TwoRoutesMatch_FirstWins()
    {
        RouteOptions[] routes = [new() { Filter = "sensors/+/temperature", Topic = "temperature", Key = "{1}", Priority = 3 }, new() { Filter = "sensors/#", Topic = "rest" }];
        RouteMatch first = Map(routes, "sensors/k7/temperature")!.Value;
        Assert.Equal(("temperature", "k7", false), (first.TopicName, Encoding.UTF8.GetString(first.Key), first.KeyIsMqttTopic));
        Assert.Equal("rest", Map(routes, "sensors/k7/humidity")!.Value.TopicName);
        Assert.Null(Map(routes, "other"));
        Assert.Equal(3, Set(routes).Find("sensors/k7/temperature", out _)!.Priority);
    }

    [Theory]
    [InlineData("{1}", "north")]
    [InlineData("{2}-{1}", "7-north")]
    [InlineData("{#}", "motor/temp")]
    [InlineData("{topic}", "site/north/7/motor/temp")]
    [InlineData("{client}/{user}", "press-1/anna")]
    [InlineData("{{{1}}}", "{north}")]
    [InlineData("fixed", "fixed")]
    [InlineData("", "")]
    public void Expand_Placeholders_AreReplaced(string key, string expected)
    {
        RouteMatch match = Map([new() { Filter = "site/+/+/#", Key = key }], "site/north/7/motor/temp")!.Value;
        Assert.Equal(expected, Encoding.UTF8.GetString(match.Key));
    }

    [Theory]
    [InlineData("{$.id}", "m-1")]
    [InlineData("{$.pump.rpm}", "1.50e3")]                  // as it is written, not as a number would print
    [InlineData("{$.pump.on}", "true")]
    [InlineData("{$.tags[1]}", "b\u00e9")]
    [InlineData("{$.list[1].n}", "2")]
    [InlineData("{$.absent}", "")]
    [InlineData("{$.pump}", "")]
    [InlineData("{$.none}", "")]
    [InlineData("{$.id.deeper}", "")]
    [InlineData("{1}/{$.id}", "x/m-1")]
    public void Expand_PayloadField_IsTakenFromJson(string key, string expected)
    {
        const string json = """{"skip":{"id":"no","x":[1,{"id":2}]},"id":"m-1","pump":{"rpm":1.50e3,"on":true},"tags":["a","b\u00e9"],"list":[{"n":1},{"n":2}],"none":null}""";
        RouteOptions[] routes = [new() { Filter = "a/+", Key = key }];
        Assert.True(Set(routes).Find("a/x", out _)!.NeedsPayload);
        foreach (int cut in new[] { 0, 1, json.Length / 2, 30 }) // also in two segments, as a pipe hands it out
        {
            RouteMatch match = Map(routes, "a/x", payload: Split(Encoding.UTF8.GetBytes(json), cut))!.Value;
            Assert.Equal(expected, Encoding.UTF8.GetString(match.Key));
            Assert.Equal(expected.Length == 0 ? 1 : 0, match.MissingFields);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("21.5 C")]
    [InlineData("[1,2]")]
    [InlineData("{\"id\":")]
    [InlineData("\"text\"")]
    public void Expand_PayloadIsNotSuchJson_GivesNoKeyAndCounts(string payload)
    {
        RouteMatch match = Map([new() { Key = "{$.id}" }], "a", payload: new(Encoding.UTF8.GetBytes(payload)))!.Value;
        Assert.Empty(match.Key);
        Assert.Equal(1, match.MissingFields);
    }

    [Theory]
    [InlineData("press 1/\u00f6l", "t_press_1__l")]
    [InlineData("ok.name-1_x", "t_ok.name-1_x")]
    public void Expand_CharactersKafkaForbids_BecomeUnderscores(string level, string expected) =>
        Assert.Equal(expected, Map([new() { Filter = "#", Topic = "t_{#}" }], level)!.Value.TopicName);

    // A client must never reach the appliance's own topics by the way it names its MQTT topic.
    [Theory]
    [InlineData("__catalog", "_catalog")]
    [InlineData("//catalog", "_catalog")]
    [InlineData("/_sync_cursors", "_sync_cursors")]
    [InlineData("\u00e9\u00e9x", "_x")]
    [InlineData("..", "_")]
    [InlineData(".", "_")]
    [InlineData("\ud83d\ude00", "_")]
    public void Sanitize_NameOfAnInternalOrUnusableTopic_IsChanged(string text, string expected) => Assert.Equal(expected, TopicNames.Sanitize(text));

    [Fact]
    public void Sanitize_LongNames_AreBoundedAndStayApart()
    {
        string one = TopicNames.Sanitize(new string('a', 300) + "1"), two = TopicNames.Sanitize(new string('a', 300) + "2");
        Assert.Equal(249, one.Length);
        Assert.NotEqual(one, two);
        Assert.True(TopicNames.IsUsable(one));
        Assert.Equal(new string('b', 249), TopicNames.Sanitize(new string('b', 249)));
        Assert.True(TopicNames.IsUsable(TopicNames.Sanitize(new string('\u00fc', 1000))));
    }

    [Fact]
    public void Validate_ManyWrongRoutes_ReportsEveryProblemWithKeyAndWhatIsAllowed()
    {
        IReadOnlyList<string> problems = RouteTable.Validate(
        [
            new() { Filter = "a/b#", Topic = "", Key = "{nope}", Priority = 11, Payload = "xml" },
            new() { Filter = "ok/+", Topic = "{2}", Key = "{#}" },
            new() { Filter = "fine/#", Topic = "fine", Key = "{#}" },
            new() { Filter = "x", Topic = "__offsets", Key = "{$a}{topic" },
        ]);
        string[] paths = ["Routes:0:filter", "Routes:0:topic", "Routes:0:key", "Routes:0:priority", "Routes:0:payload", "Routes:1:topic", "Routes:1:key", "Routes:3:topic", "Routes:3:key", "Routes:3:key"];
        Assert.Equal(paths.Order(), problems.Select(p => p[..p.IndexOf(' ', StringComparison.Ordinal)]).Order());
        Assert.Contains(problems, p => p.Contains("allows {1} to {1}", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("needs a # in the filter 'ok/+'", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("is 11; use -10 to 10", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("'__offsets'", StringComparison.Ordinal));
    }

    [Fact]
    public void ChoosePartition_WithAndWithoutKey_FollowsKeyOrClient()
    {
        byte[] key = Encoding.UTF8.GetBytes("plant/a");
        Assert.Equal(Murmur2.Partition(key, 12), RouteTable.ChoosePartition(key, "c1", 12));
        int[] perClient = [.. Enumerable.Range(0, 100).Select(i => RouteTable.ChoosePartition([], $"client-{i}", 12))];
        Assert.Equal(perClient, Enumerable.Range(0, 100).Select(i => RouteTable.ChoosePartition([], $"client-{i}", 12)));
        Assert.True(perClient.Distinct().Count() > 6, "clients without keys must spread over the partitions");
    }

    private static RouteSet Set(RouteOptions[] routes)
    {
        var problems = new List<string>();
        RouteSet? set = RouteSet.Parse(routes, problems);
        Assert.Empty(problems);
        return set!;
    }

    private static RouteMatch? Map(RouteOptions[] routes, string mqttTopic, ReadOnlySequence<byte> payload = default) =>
        Set(routes).Find(mqttTopic, out Range[] captures)?.Expand(mqttTopic, captures, "press-1", "anna", payload);

    private static ReadOnlySequence<byte> Split(byte[] bytes, int at)
    {
        var first = new Segment(bytes.AsMemory(0, at), 0);
        var last = new Segment(bytes.AsMemory(at), at);
        first.Link(last);
        return new(first, 0, last, bytes.Length - at);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long start) => (Memory, RunningIndex) = (memory, start);

        public void Link(Segment next) => Next = next;
    }
}
