using System.Buffers;
using System.Text;
using Edge.Ingest.Routing;
using Edge.Log.Records;
using Edge.Log.Topics;
using Xunit;

namespace Edge.Ingest.Tests.Routing;

/// <summary>Routes over a real journal.</summary>
public sealed class RouteTableTests
{
    [Fact]
    public async Task Resolve_NoRoutes_MakesTelemetryAndPlacesByKey()
    {
        await using RouteHarness harness = new();
        RouteTable table = new(harness.Pipeline, []);
        RouteTarget target = (await ResolveAsync(table, "plant/a/temp"))!;
        Assert.Equal(("telemetry", true, true, false), (target.Topic.Name, target.HasKey, target.KeyIsMqttTopic, target.DependsOnPayload));
        Assert.Equal(Murmur2.Partition("plant/a/temp"u8, 4), target.Partition.Index);
        Assert.Same(target.Topic, harness.Journal.Topics.All.Single(t => t.Name == "telemetry"));
        Assert.Null(await ResolveAsync(table, "$SYS/x"));
        Assert.Equal(1, table.Unresolved);
    }

    [Fact]
    public async Task Resolve_TopicExists_CompletesAtOnce()
    {
        await using RouteHarness harness = new();
        await harness.CreateTopicAsync("telemetry", 12);
        RouteTable table = new(harness.Pipeline, []);
        ValueTask<RouteTarget?> resolving = table.ResolveAsync("a/b", "c", "", CancellationToken.None);
        Assert.True(resolving.IsCompletedSuccessfully);
        Assert.Equal(Murmur2.Partition("a/b"u8, 12), (await resolving)!.Partition.Index);
    }

    [Fact]
    public async Task Resolve_CreationNotAllowed_IsNull()
    {
        await using RouteHarness harness = new(new IngestOptions { AutoCreateTopics = false });
        Assert.Null(await ResolveAsync(new(harness.Pipeline, []), "a"));
        Assert.DoesNotContain(harness.Journal.Topics.All, t => t.Name == "telemetry");
    }

    // Goal: a client's choice of MQTT topics cannot reach internal topics. Method: a route that takes the topic's name from the client, and a name that exists inside.
    [Fact]
    public async Task Resolve_ClientNamesAnInternalTopic_GetsAnOrdinaryOne()
    {
        await using RouteHarness harness = new();
        harness.Journal.GetTable("__catalog");
        RouteTable table = new(harness.Pipeline, [new() { Filter = "#", Topic = "{#}" }]);
        RouteTarget target = (await ResolveAsync(table, "__catalog"))!;
        Assert.Equal("_catalog", target.Topic.Name);
        Assert.False(target.Topic.IsInternal);
    }

    [Fact]
    public async Task IsStale_TopicDeletedOrGrownOrRoutesReplaced_IsTrueAndResolvingAgainHelps()
    {
        await using RouteHarness harness = new();
        RouteTable table = new(harness.Pipeline, []);
        RouteTarget first = (await ResolveAsync(table, "a"))!;
        Assert.False(first.IsStale);

        await harness.Journal.Topics.AddPartitionsAsync("telemetry", 8).WaitAsync(RouteHarness.Deadline);
        Assert.True(first.IsStale);
        RouteTarget second = (await ResolveAsync(table, "a"))!;
        Assert.False(second.IsStale);
        Assert.Equal(Murmur2.Partition("a"u8, 8), second.Partition.Index);

        await harness.Journal.Topics.DeleteAsync("telemetry").WaitAsync(RouteHarness.Deadline);
        Assert.True(second.IsStale);
        RouteTarget third = (await ResolveAsync(table, "a"))!;
        Assert.False(third.IsStale);
        Assert.NotSame(second.Topic, third.Topic);

        table.Replace([new() { Filter = "#", Topic = "other", Key = "", Priority = -2 }]);
        Assert.True(third.IsStale);
        RouteTarget fourth = (await ResolveAsync(table, "a"))!;
        Assert.Equal(("other", false, -2, false), (fourth.Topic.Name, fourth.HasKey, fourth.Priority, fourth.KeyIsMqttTopic));
        Assert.Equal(Murmur2.Partition("client-1"u8, 4), fourth.Partition.Index);
    }

    [Fact]
    public async Task Replace_WrongRoutes_KeepsTheOldOnes()
    {
        await using RouteHarness harness = new();
        RouteTable table = new(harness.Pipeline, []);
        RouteTarget target = (await ResolveAsync(table, "a"))!;
        Assert.Equal(2, Assert.Throws<RouteConfigurationException>(() => table.Replace([new() { Filter = "a#", Key = "{9}" }, new() { Priority = 99 }])).Problems.Count);
        Assert.False(target.IsStale);
        Assert.Equal("telemetry", (await ResolveAsync(table, "a"))!.Topic.Name);
    }

    [Fact]
    public async Task ResolveWithPayload_TopicAndKeyFromJson_AreOfEachMessage()
    {
        await using RouteHarness harness = new();
        RouteTable table = new(harness.Pipeline, [new() { Filter = "in/+", Topic = "by-{$.kind}", Key = "{1}/{$.id}" }, new() { Topic = "rest" }]);
        RouteTarget target = (await ResolveAsync(table, "in/x"))!;
        Assert.True(target.DependsOnPayload);
        foreach ((string payload, string topic, string key) in new[] { ("""{"kind":"pump","id":7}""", "by-pump", "x/7"), ("""{"kind":"fan","id":"f"}""", "by-fan", "x/f"), ("not json", "by-", "x/") })
        {
            RouteTarget each = (await table.ResolveWithPayload(target, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), CancellationToken.None))!;
            Assert.Equal((topic, key, false), (each.Topic.Name, Encoding.UTF8.GetString(each.Key), each.DependsOnPayload));
            Assert.Equal(Murmur2.Partition(each.Key, 4), each.Partition.Index);
        }
        Assert.Equal(2, table.MissingPayloadFields);
        RouteTarget rest = (await ResolveAsync(table, "out"))!;
        Assert.Same(rest, await table.ResolveWithPayload(rest, default, CancellationToken.None));
        table.Replace([]);
        Assert.True(target.IsStale);
    }

    private static Task<RouteTarget?> ResolveAsync(RouteTable table, string mqttTopic) =>
        table.ResolveAsync(mqttTopic, "client-1", "", CancellationToken.None).AsTask().WaitAsync(RouteHarness.Deadline);
}
