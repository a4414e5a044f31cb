using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.Ingest;
using Edge.Log.Records;
using Edge.Log.Topics;
using Xunit;

namespace Edge.Http.Tests;

public sealed class RecordTests
{
    private const string Path = "/api/v1/topics/t/records";

    [Fact]
    public async Task Post_Records_AreDurableWhenItAnswersAndComeBackAsGiven()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        (int status, JsonElement body) = await http.SendAsync(HttpMethod.Post, Path, """
            [ { "key": "k", "value": "grün", "headers": { "unit": "Cel", "raw": { "base64": "/w==" }, "none": null }, "timestamp": "2026-01-02T03:04:05.678Z" },
              { "key": "k", "value": { "base64": "AP8=" } }, { "key": "k", "value": null } ]
            """);
        Assert.Equal(200, status);
        JsonElement[] where = [.. body.GetProperty("records").EnumerateArray()];
        Assert.Equal([0L, 1L, 2L], where.Select(static w => w.GetProperty("offset").GetInt64()));
        int partition = where[0].GetProperty("partition").GetInt32();
        Assert.True(http.Journal.Topics.TryGet("t", out Topic topic) && topic.Partitions[partition].HighWatermark == 3);

        (status, body) = await http.GetAsync($"{Path}?partition={partition}&offset=0");
        Assert.Equal(200, status);
        JsonElement[] records = [.. body.GetProperty("records").EnumerateArray()];
        Assert.Equal(("t", "k", "grün", "2026-01-02T03:04:05.678Z", "Cel", "/w==", JsonValueKind.Null), (records[0].GetProperty("topic").GetString(), records[0].GetProperty("key").GetString(), records[0].GetProperty("value").GetString(),
            records[0].GetProperty("timestamp").GetString(), records[0].GetProperty("headers").GetProperty("unit").GetString(), records[0].GetProperty("headers").GetProperty("raw").GetProperty("base64").GetString(), records[0].GetProperty("headers").GetProperty("none").ValueKind));
        Assert.Equal("AP8=", records[1].GetProperty("value").GetProperty("base64").GetString());
        Assert.Equal(JsonValueKind.Null, records[2].GetProperty("value").ValueKind);
        Assert.Equal(3, body.GetProperty("next").GetProperty($"{partition}").GetInt64());
    }

    [Theory]
    [InlineData("""{"value":"x"}""", 1)]
    [InlineData("""{"records":[{"value":"x"},{"value":"y"}]}""", 2)]
    [InlineData("""{}""", 1)]
    public async Task Post_EveryForm_IsTaken(string json, int count)
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        (int status, JsonElement body) = await http.SendAsync(HttpMethod.Post, Path, json);
        Assert.Equal((200, count), (status, body.GetProperty("records").GetArrayLength()));
    }

    [Fact]
    public async Task Post_Lines_AreRecords()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        (int status, JsonElement body) = await http.SendAsync(HttpMethod.Post, Path, "{\"value\":\"a\"}\r\n\n{\"value\":\"b\"}", "application/x-ndjson");
        Assert.Equal((200, 2), (status, body.GetProperty("records").GetArrayLength()));
        (status, body) = await http.SendAsync(HttpMethod.Post, Path, "{\"value\":\"a\"}\nnope", "application/x-ndjson");
        Assert.Equal(400, status);
        Assert.Contains("Line 2", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("[]", 400)]
    [InlineData("[1]", 400)]
    [InlineData("{\"valeu\":\"x\"}", 400)]
    [InlineData("{\"value\":5}", 400)]
    [InlineData("{\"value\":{\"base64\":\"?\"}}", 400)]
    [InlineData("{\"timestamp\":\"yesterday\"}", 400)]
    [InlineData("{\"headers\":[]}", 400)]
    public async Task Post_BadBody_IsAProblemAndNothingIsStored(string json, int expected)
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        (int status, JsonElement body) = await http.SendAsync(HttpMethod.Post, Path, json);
        Assert.Equal(expected, status);
        Assert.Equal(expected, body.GetProperty("status").GetInt32());
        Assert.NotEmpty(body.GetProperty("detail").GetString()!);
        Assert.False(http.Journal.Topics.TryGet("t", out _));
    }

    [Fact]
    public async Task Post_TooLarge_Is413()
    {
        await using HttpHarness http = await HttpHarness.StartAsync(new HttpOptions { MaxBodyBytes = 4096 }, new IngestOptions { MaxRecordBytes = 1024 });
        (int status, JsonElement body) = await http.SendAsync(HttpMethod.Post, Path, $"{{\"value\":\"{new string('x', 5000)}\"}}");
        Assert.Equal(413, status);
        (status, body) = await http.SendAsync(HttpMethod.Post, Path, $"[{{\"value\":\"ok\"}},{{\"value\":\"{new string('x', 2000)}\"}}]");
        Assert.Equal(413, status);
        Assert.Contains("1 of 2", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("TooLarge", body.GetProperty("records")[1].GetProperty("error").GetString());
    }

    [Fact]
    public async Task Post_TopicThatCannotBe_IsRefused()
    {
        await using HttpHarness http = await HttpHarness.StartAsync(ingest: new IngestOptions { AutoCreateTopics = false });
        Assert.Equal(404, (await http.SendAsync(HttpMethod.Post, Path, "{}")).Status);
        Assert.Equal(403, (await http.SendAsync(HttpMethod.Post, "/api/v1/topics/__topics/records", "{}")).Status);
        Assert.Equal(400, (await http.SendAsync(HttpMethod.Post, "/api/v1/topics/a%20b/records", "{}")).Status);
    }

    [Fact]
    public async Task Post_IdempotencyKey_IsRefusedRatherThanIgnored()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent("{}") };
        request.Headers.Add("Idempotency-Key", "1");
        Assert.Equal(501, (await http.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Post_JournalCannotWrite_Is503AndNotAcknowledged()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.SendAsync(HttpMethod.Post, Path, "{}");
        await http.Journal.DisposeAsync();
        Assert.Equal(503, (await http.SendAsync(HttpMethod.Post, Path, "{}")).Status);
        Assert.Equal(503, (await http.SendAsync(HttpMethod.Post, "/api/v1/topics/other/records", "{}")).Status); // not "no such topic"
    }

    [Fact]
    public async Task Get_ByTimeAndHeader_SelectsRecords()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.SendAsync(HttpMethod.Post, Path, """
            [ { "key": "k", "value": "1", "timestamp": 1000, "headers": { "unit": "Cel" } }, { "key": "k", "value": "2", "timestamp": 2000, "headers": { "unit": "V" } }, { "key": "k", "value": "3", "timestamp": 3000 } ]
            """);
        Assert.Equal(["2", "3"], await ValuesAsync("?time=1500"));
        Assert.Equal(["3"], await ValuesAsync("?time=1970-01-01T00:00:03Z"));
        Assert.Equal(["1", "2"], await ValuesAsync("?header=unit"));
        Assert.Equal(["2"], await ValuesAsync("?header=unit=V"));
        Assert.Empty(await ValuesAsync("?header=unit=V&header=none"));
        Assert.Equal(["1"], await ValuesAsync("?limit=1"));
        Assert.Empty(await ValuesAsync("?offset=latest"));
        Assert.Equal(3, (await ValuesAsync("?offset=earliest")).Count);

        async Task<List<string>> ValuesAsync(string query) => [.. (await http.GetAsync(Path + query)).Body.GetProperty("records").EnumerateArray().Select(static r => r.GetProperty("value").GetString()!)];
    }

    [Theory]
    [InlineData("?partition=9", 400)]
    [InlineData("?offset=x", 400)]
    [InlineData("?offset=1&time=1", 400)]
    [InlineData("?limit=0", 400)]
    [InlineData("?limit=100000", 400)]
    [InlineData("?time=soon", 400)]
    [InlineData("?follow=true", 400)]
    [InlineData("?follow=maybe", 400)]
    [InlineData("?partition=0&offset=77", 416)]
    public async Task Get_BadQuery_NamesWhatIsAllowed(string query, int expected)
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.Journal.Topics.CreateAsync("t", 1, new TopicConfig());
        (int status, JsonElement body) = await http.GetAsync(Path + query);
        Assert.Equal(expected, status);
        Assert.NotEmpty(body.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task Get_NoSuchTopic_Is404()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        Assert.Equal(404, (await http.GetAsync(Path)).Status);
    }

    [Fact]
    public async Task Get_Csv_QuotesWhatNeedsIt()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.SendAsync(HttpMethod.Post, Path, """{ "key": "a,b", "value": "say \"hi\"", "timestamp": 0 }""");
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Accept.ParseAdd("text/csv");
        using HttpResponseMessage response = await http.Client.SendAsync(request);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Equal("topic,partition,offset,timestamp,key,value", lines[0]);
        Assert.Matches("^t,[0-3],0,1970-01-01T00:00:00.000Z,\"a,b\",\"say \"\"hi\"\"\"$", lines[1]);
    }

    // Goal: a follower sees what comes later, batch by batch, and ends when the appliance stops.
    [Fact]
    public async Task Get_Follow_StreamsUntilTheStop()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.SendAsync(HttpMethod.Post, Path, """{ "key": "k", "value": "0" }""");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}?follow=true");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        using HttpResponseMessage response = await http.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal($"{i}", JsonDocument.Parse((await lines.ReadLineAsync())!).RootElement.GetProperty("value").GetString());
            await http.SendAsync(HttpMethod.Post, Path, $$"""{ "key": "k", "value": "{{i + 1}}" }""");
        }
        Assert.NotNull(await lines.ReadLineAsync());
        http.Stop();
        Assert.Null(await lines.ReadLineAsync());
    }

    // Goal: a large topic streams whole, in order, over batches of many sizes.
    [Fact]
    public async Task Get_Lines_AreAllRecordsInOrder()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.Ingest.GetOrCreateTopicAsync("t", CancellationToken.None); // who waits for a topic to be made goes on in any order
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var expected = new List<string>();
        while (expected.Count < 3000)
        {
            var tasks = new List<Task>();
            for (int n = random.Next(1, 200); n > 0; n--)
            {
                string value = expected.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) + new string('x', random.Next(0, 400));
                expected.Add(value);
                tasks.Add(http.Ingest.SubmitAsync(new IngestRecord { Topic = "t", Key = "k"u8.ToArray(), Value = Encoding.UTF8.GetBytes(value) }, CancellationToken.None).AsTask());
            }
            await Task.WhenAll(tasks);
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using HttpResponseMessage response = await http.Client.SendAsync(request);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(expected.SequenceEqual(lines.Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("value").GetString()!)), $"seed {seed}");
    }

    // A gzip batch as a Kafka producer sends it comes out as its records.
    [Fact]
    public async Task Get_CompressedBatch_IsDecompressed()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        Topic topic = (await http.Journal.Topics.CreateAsync("t", 1, new TopicConfig())).Topic!;
        using var builder = new RecordBatchBuilder();
        builder.Add(1, true, "k"u8, true, "inside"u8, 0, default);
        byte[] plain = builder.Seal().ToArray();
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(plain.AsSpan(RecordBatchHeader.HeaderBytes));
        byte[] batch = [.. plain[..RecordBatchHeader.HeaderBytes], .. packed.ToArray()];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - 12);
        System.Buffers.Binary.BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), 1);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), Crc32C.Compute(batch.AsSpan(21)));
        Assert.Equal(Edge.Log.Commit.AppendStatus.Ok, (await http.Ingest.AppendBatchAsync(topic.Partitions[0], batch, CancellationToken.None)).Status);
        Assert.Equal("inside", (await http.GetAsync(Path)).Body.GetProperty("records")[0].GetProperty("value").GetString());
    }
}
