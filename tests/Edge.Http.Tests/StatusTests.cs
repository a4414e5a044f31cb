using System.Text.Json;
using Edge.Catalog;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Http.Tests;

public sealed class StatusTests
{
    [Fact]
    public async Task Ready_NotReady_Is503WithTheReason()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        Assert.Equal(200, (await http.GetAsync("/readyz")).Status);
        http.NotReady = "It is starting.";
        (int status, JsonElement body) = await http.GetAsync("/readyz");
        Assert.Equal((503, "It is starting."), (status, body.GetProperty("detail").GetString()));
        Assert.Equal(200, (await http.GetAsync("/healthz")).Status);
        Assert.False((await http.GetAsync("/api/v1/status")).Body.GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task Status_Room_IsAnObjectOfItsName()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        JsonElement status = (await http.GetAsync("/api/v1/status")).Body;
        Assert.Equal(42, status.GetProperty("test").GetProperty("answer").GetInt32());
        Assert.Equal((http.Journal.DeviceId, http.Journal.LogId, "running", "1.2.3"), (status.GetProperty("device").GetString(), status.GetProperty("log").GetString(), status.GetProperty("state").GetString(), status.GetProperty("version").GetString()));
    }

    // Source: Prometheus text format 0.0.4: every sample has its HELP and TYPE before it, once; labels are escaped.
    [Fact]
    public async Task Metrics_Always_ArePrometheusText()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.Journal.Topics.CreateAsync("t", 2, new TopicConfig());
        using HttpResponseMessage response = await http.Client.GetAsync("/metrics");
        Assert.StartsWith("text/plain; version=0.0.4", response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("edge_test_total{name=\"a\\\"b\\\\c\\nd\"} 42", lines);
        Assert.Contains("edge_partition_high_watermark{topic=\"t\",partition=\"1\"} 0", lines);
        var typed = new HashSet<string>();
        foreach (string line in lines)
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) Assert.True(typed.Add(line.Split(' ')[2]), $"twice: {line}");
            if (!line.StartsWith('#')) Assert.Contains(line.Split('{', ' ')[0], typed);
        }
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1:9999", 200)]
    [InlineData("[::1]:80", 200)]
    [InlineData("edge.example:8080", 200)]
    public async Task Get_HostHeader_OnlyKnownNamesAreAnswered(string host, int expected)
    {
        await using HttpHarness http = await HttpHarness.StartAsync(new HttpOptions { AllowedHosts = ["edge.example"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
        request.Headers.Host = host;
        Assert.Equal(expected, (await http.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Post_FromAPageElsewhere_IsRefused_WithTheTokenNot()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        Assert.Equal(403, await PostAsync(("Origin", "https://evil.example")));
        Assert.Equal(403, await PostAsync(("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(200, await PostAsync(("Origin", http.Client.BaseAddress!.ToString().TrimEnd('/'))));
        Assert.Equal(200, await PostAsync(("Origin", "https://evil.example"), ("Authorization", $"Bearer {HttpHarness.Token}")));
        Assert.Equal(401, await PostAsync(("Authorization", "Bearer wrong")));

        async Task<int> PostAsync(params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/topics/t/records") { Content = new StringContent("{}") };
            foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            return (await http.SendAsync(request)).Status;
        }
    }

    [Fact]
    public async Task Unknown_Path_IsAProblem()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        using HttpResponseMessage response = await http.Client.GetAsync("/nothing/here");
        Assert.Equal((404, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Sensors_Read_IsAPostAndUnknownOnesAreNamed()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        Assert.Equal("sensor", (await http.GetAsync("/api/v1/sensors")).Body.GetProperty("sensors")[0].GetString());
        Assert.Equal(200, (await http.SendAsync(HttpMethod.Post, "/api/v1/sensors/box/read", "")).Status);
        (int status, JsonElement body) = await http.SendAsync(HttpMethod.Post, "/api/v1/sensors/nobody/read", "");
        Assert.Equal(404, status);
        Assert.Contains("box", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_PauseAndResume_ReachTheUplink()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await http.SendAsync(HttpMethod.Post, "/api/v1/sync/pause", "");
        Assert.True(http.Paused);
        await http.SendAsync(HttpMethod.Post, "/api/v1/sync/resume", "");
        Assert.False(http.Paused);
        Assert.Equal(404, (await http.SendAsync(HttpMethod.Post, "/api/v1/sync/explode", "")).Status);
    }

    [Fact]
    public async Task Devices_Seen_AreListedByPage()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        await using (var devices = new DeviceRegistry(http.Journal, TimeProvider.System, NullLoggerFactory.Instance))
        {
            devices.Start();
            devices.Seen("a", "user", "10.0.0.1");
            devices.Seen("b", null, "10.0.0.2");
        }
        JsonElement page = default;
        await Testing.Processes.Eventually.TrueAsync(async () => (page = (await http.GetAsync("/api/v1/devices")).Body).GetProperty("devices").GetArrayLength() == 2, TimeSpan.FromSeconds(30), () => page.ToString());
        Assert.Equal(("a", "user", "10.0.0.1"), (page.GetProperty("devices")[0].GetProperty("client").GetString(), page.GetProperty("devices")[0].GetProperty("user").GetString(), page.GetProperty("devices")[0].GetProperty("address").GetString()));
        page = (await http.GetAsync("/api/v1/devices?limit=1&after=a")).Body;
        Assert.Equal("b", page.GetProperty("next").GetString());
    }

    [Fact]
    public async Task Topics_Internal_AreShownOnlyWhenAskedAndNeverChanged()
    {
        await using HttpHarness http = await HttpHarness.StartAsync();
        Assert.Equal(201, (await http.SendAsync(HttpMethod.Post, "/api/v1/topics", """{ "name": "t", "partitions": 2, "config": { "retention.ms": 5000 } }""")).Status);
        Assert.Equal(["t"], (await http.GetAsync("/api/v1/topics")).Body.GetProperty("topics").EnumerateArray().Select(static t => t.GetProperty("name").GetString()!));
        Assert.True((await http.GetAsync("/api/v1/topics?internal=true")).Body.GetProperty("topics").GetArrayLength() > 1);
        Assert.Equal(403, (await http.SendAsync(HttpMethod.Delete, "/api/v1/topics/__topics", "")).Status);
        Assert.Equal(409, (await http.SendAsync(HttpMethod.Post, "/api/v1/topics", """{ "name": "t" }""")).Status);
        foreach (string bad in new[] { """{ "name": "t" """, """{ "name": 5 }""", """[]""", """{ "name": "u", "partitions": 0 }""", """{ "name": "u", "config": { "full": "drop-newest" } }""", """{ "name": "u", "config": { "x": 1 } }""" })
            Assert.Equal(400, (await http.SendAsync(HttpMethod.Post, "/api/v1/topics", bad)).Status);
        Assert.Equal(400, (await http.SendAsync(HttpMethod.Patch, "/api/v1/topics/t", """{ "partitions": 1 }""")).Status);
        Assert.Equal(3, (await http.SendAsync(HttpMethod.Patch, "/api/v1/topics/t", """{ "partitions": 3 }""")).Body.GetProperty("partitions").GetArrayLength());
        Assert.Equal(204, (await http.SendAsync(HttpMethod.Delete, "/api/v1/topics/t", "")).Status);
        Assert.Equal(404, (await http.GetAsync("/api/v1/topics/t")).Status);
    }
}
