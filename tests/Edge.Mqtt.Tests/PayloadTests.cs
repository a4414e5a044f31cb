using System.Text;
using Edge.Ingest.Routing;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Mqtt.Tests.Support;

namespace Edge.Mqtt.Tests;

/// <summary>Routes that look into the payload, from the publish to the stored records.</summary>
public sealed class PayloadTests
{
    private sealed record Found(string Topic, int Partition, string Key, string Value, long TimestampMs, Dictionary<string, string> Headers);

    private static List<Found> Stored(TestBroker broker)
    {
        List<Found> found = [];
        using JournalReader reader = broker.Journal.OpenReader(0);
        while (reader.TryRead(out JournalEntry entry))
        {
            foreach (RecordView record in RecordEnumerator.OverBatch(entry.Batch.Span))
            {
                Dictionary<string, string> headers = [];
                foreach (RecordHeaderView header in record.Headers) headers[Encoding.UTF8.GetString(header.Name)] = Encoding.UTF8.GetString(header.Value);
                found.Add(new Found(entry.Partition.Topic.Name, entry.Partition.Index, Encoding.UTF8.GetString(record.Key), Encoding.UTF8.GetString(record.Value), record.TimestampMs, headers));
            }
        }
        return found;
    }

    private static async Task PublishAsync(RawClient client, string topic, string payload)
    {
        await client.SendAsync(RawClient.Publish(topic, payload, 1, 1));
        Assert.Equal(RawClient.Ack(0x40, 1), await client.ReceiveAsync());
    }

    [Fact]
    public async Task Json_FieldsBecomeKeyTimestampAndValue()
    {
        await using TestBroker broker = await TestBroker.StartAsync(routes: [new() { Filter = "j/#", Topic = "t", Key = "{$.id}", Payload = "json", Timestamp = "{$.ts}", Value = "{$.data.v}" }]);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await PublishAsync(client, "j/a", """{"id":"s1","ts":1700000000,"data":{"v":21.50}}""");
        await PublishAsync(client, "j/a", """{"id":"s1","ts":1700000000123,"data":{"v":"text"}}""");
        await PublishAsync(client, "j/a", """{"id":"s1","ts":"2023-11-14T22:13:20.5Z","data":{"v":{"x": 1}}}""");
        Assert.Equal(
            [("s1", "21.50", 1_700_000_000_000), ("s1", "text", 1_700_000_000_123), ("s1", """{"x": 1}""", 1_700_000_000_500)],
            Stored(broker).Select(r => (r.Key, r.Value, r.TimestampMs)));
        Assert.All(Stored(broker), record => Assert.Equal("j/a", record.Headers["mqtt.topic"]));
    }

    // Goal: nothing that is acknowledged is dropped for what it holds. Method: payloads that are none, each stored as it is with the reason.
    [Theory]
    [InlineData("json", "not json at all")]
    [InlineData("json", "{\"v\":1}")]
    [InlineData("json", "{\"ts\":\"yesterday\",\"v\":1}")]
    [InlineData("json", "{\"ts\":-5,\"v\":1}")]
    [InlineData("json", "{\"ts\":1700000000}")]
    [InlineData("json", "{\"ts\":1700000000,\"v\":1} trailing")]
    [InlineData("senml", "{\"n\":\"a\"}")]
    [InlineData("senml", "[]")]
    [InlineData("senml", "[{\"n\":\"a\"}]")]
    [InlineData("senml", "[{\"n\":\"a\",\"v\":1,\"vs\":\"x\"}]")]
    [InlineData("senml", "[{\"v\":1}]")]
    [InlineData("senml", "[{\"n\":\"a\",\"v\":1},{\"n\":\"b\",\"v\":1,\"future_\":2}]")]
    [InlineData("sparkplug", "x")]
    public async Task Payload_NotWhatTheRouteSays_IsKeptAndFlagged(string format, string payload)
    {
        await using TestBroker broker = await TestBroker.StartAsync(routes: [new() { Topic = "t", Payload = format, Timestamp = format == "json" ? "{$.ts}" : "", Value = format == "json" ? "{$.v}" : "" }]);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await PublishAsync(client, "a/b", payload);
        Found record = Assert.Single(Stored(broker));
        Assert.Equal((payload, "a/b"), (record.Value, record.Key));
        Assert.NotEmpty(record.Headers["edge.unparsed"]);
    }

    // The pack of RFC 8428, 5.1.3 in spirit: bases, relative times, units, every kind of value.
    [Fact]
    public async Task SenMl_Pack_BecomesResolvedRecordsInOneGroup()
    {
        await using TestBroker broker = await TestBroker.StartAsync(routes: [new() { Topic = "senml", Payload = "senml" }]);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await PublishAsync(client, "pack", """
            [{"bn":"urn:dev:1:","bt":1700000000,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.10},
             {"n":"current","t":-5,"v":1.2},{"n":"on","vb":true},{"n":"label","vs":"x"},{"bv":100,"n":"current","t":1.5,"v":2}]
            """);
        List<Found> records = Stored(broker);
        Assert.Equal(
            ["urn:dev:1:current 1699999995000 {\"n\":\"urn:dev:1:current\",\"u\":\"A\",\"v\":1.2,\"t\":1699999995}",
             "urn:dev:1:current 1700000001500 {\"n\":\"urn:dev:1:current\",\"u\":\"A\",\"v\":102,\"t\":1700000001.5}",
             "urn:dev:1:label 1700000000000 {\"n\":\"urn:dev:1:label\",\"u\":\"A\",\"vs\":\"x\",\"t\":1700000000}",
             "urn:dev:1:on 1700000000000 {\"n\":\"urn:dev:1:on\",\"u\":\"A\",\"vb\":true,\"t\":1700000000}",
             "urn:dev:1:voltage 1700000000000 {\"n\":\"urn:dev:1:voltage\",\"u\":\"V\",\"v\":120.10,\"t\":1700000000}"],
            records.Select(r => $"{r.Key} {r.TimestampMs} {r.Value}").Order(StringComparer.Ordinal));
        Assert.All(records, record => Assert.Equal("pack", record.Headers["mqtt.topic"]));
        Assert.All(records, record => Assert.Equal(Murmur2.Partition(Encoding.UTF8.GetBytes(record.Key), 4), record.Partition));
    }

    [Fact]
    public async Task SenMl_RelativeTimeWithoutBase_CountsFromNow()
    {
        await using TestBroker broker = await TestBroker.StartAsync(routes: [new() { Topic = "senml", Payload = "senml" }]);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await PublishAsync(client, "pack", """[{"n":"a","t":-60,"v":1}]""");
        Assert.InRange(Assert.Single(Stored(broker)).TimestampMs - before, -60_010, -30_000);
    }

    [Fact]
    public async Task Payload_TimeInTheFuture_IsClampedAndKept()
    {
        await using TestBroker broker = await TestBroker.StartAsync(routes: [new() { Topic = "t", Payload = "json", Timestamp = "{$.ts}" }]);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        await PublishAsync(client, "a", """{"ts":4102444800}""");
        Found record = Assert.Single(Stored(broker));
        Assert.Equal("4102444800000", record.Headers["edge.time"]);
        Assert.True(record.TimestampMs <= DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    // Goal: births and data of a node and its devices keep one order, in one partition.
    [Fact]
    public async Task Sparkplug_EveryMessageOfANode_IsInOneOrder()
    {
        await using TestBroker broker = await TestBroker.StartAsync(routes: [new() { Filter = "spBv1.0/#", Topic = "sparkplug", Payload = "sparkplug" }]);
        using RawClient client = await RawClient.ConnectAsync(broker.Port, "c");
        const string payload = "\b\u0005\u0012\u0002\u0020\u0001\u0018\u0003"; // timestamp 5, a metric, sequence 3
        string[] topics = ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/DDATA/n/d", "spBv1.0/g/NDATA/n", "spBv1.0/g/NDEATH/n"];
        foreach (string topic in topics) await PublishAsync(client, topic, payload);
        await PublishAsync(client, "spBv1.0/STATE/host", "{\"online\":true}");
        List<Found> records = Stored(broker);
        Assert.Equal(topics, records.Where(r => r.Key == "g/n").Select(r => r.Headers["mqtt.topic"]));
        Assert.All(records.Where(r => r.Key == "g/n"), record => Assert.Equal(5, record.TimestampMs));
        Assert.Equal("{\"online\":true}", Assert.Single(records, r => r.Key == "STATE/host").Value);
    }

    [Fact]
    public void Routes_WrongFormatOrFields_AreNamed()
    {
        IReadOnlyList<string> problems = RouteTable.Validate([new() { Payload = "xml" }, new() { Timestamp = "{$.ts}" }, new() { Payload = "json", Value = "$.v" }]);
        Assert.Equal(3, problems.Count);
        Assert.Contains("Routes:0:payload is 'xml'", problems[0], StringComparison.Ordinal);
        Assert.Contains("Routes:1:timestamp", problems[1], StringComparison.Ordinal);
        Assert.Contains("Routes:2:value", problems[2], StringComparison.Ordinal);
    }
}
