using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.Catalog;
using Edge.Ingest;
using Edge.Log;
using Edge.Testing.Processes;
using Edge.Testing.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Http.Tests;

/// <summary>The HTTP interface on a free port over a journal on a simulated disk.</summary>
internal sealed class HttpHarness : IAsyncDisposable
{
    public const string Token = "the-token";
    private readonly TempDirectory _directory = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CatalogStore _catalog;
    private WebApplication _web = null!;

    private HttpHarness(HttpOptions options, IngestOptions ingest)
    {
        Journal = Journal.Open(Disk, new LogOptions { SegmentBytes = 8 << 20, MaxBytes = 1L << 30, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        Journal.Start();
        Ingest = new IngestPipeline(Journal, ingest);
        _catalog = new CatalogStore(_directory.At("catalog.db"), Journal, TimeProvider.System, NullLoggerFactory.Instance);
        _catalog.Start();
        Options = options;
    }

    public SimulatedDisk Disk { get; } = new(1);
    public Journal Journal { get; }
    public IngestPipeline Ingest { get; }
    public HttpOptions Options { get; }
    public HttpClient Client { get; private set; } = null!;
    public string? NotReady { get; set; }

    public static async Task<HttpHarness> StartAsync(HttpOptions? options = null, IngestOptions? ingest = null)
    {
        var harness = new HttpHarness(options ?? new HttpOptions(), ingest ?? new IngestOptions());
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        harness._web = builder.Build();
        HttpApi.Map(harness._web, new HttpApiContext
        {
            Journal = harness.Journal,
            Ingest = harness.Ingest,
            Catalog = harness._catalog,
            Options = harness.Options,
            TimeProvider = TimeProvider.System,
            Version = "1.2.3",
            Started = TimeProvider.System.GetUtcNow(),
            Token = Token,
            Rooms = [new TestRoom()],
            NotReady = () => harness.NotReady,
            WriteSensors = static json => json.WriteStringValue("sensor"),
            ReadSensorAsync = static (name, json, _) =>
            {
                if (name != "box") throw new KeyNotFoundException($"There is no sensor '{name}'; configured: box.");
                json.WriteStartArray();
                json.WriteEndArray();
                return Task.CompletedTask;
            },
            PauseSync = pause => harness.Paused = pause,
            Stopping = harness._stopping.Token,
        });
        await harness._web.StartAsync();
        harness.Client = new HttpClient { BaseAddress = new Uri(harness._web.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
        return harness;
    }

    public bool? Paused { get; private set; }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path) => await SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string body, string contentType = "application/json") =>
        await SendAsync(new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType)) });

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public void Stop() => _stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Client.Dispose();
        await _web.StopAsync();
        await _web.DisposeAsync();
        await _catalog.DisposeAsync();
        await Ingest.DisposeAsync();
        await Journal.DisposeAsync();
        _stopping.Dispose();
        _directory.Dispose();
    }

    private sealed class TestRoom : IHttpRoom
    {
        public string Name => "test";
        public void WriteStatus(Utf8JsonWriter json) => json.WriteNumber("answer"u8, 42);
        public void WriteMetrics(MetricsWriter metrics) => metrics.Counter("edge_test_total", "Test.", 42, ("name", "a\"b\\c\nd"));
    }
}
