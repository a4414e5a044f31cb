using System.Net;
using Edge.Ingest;
using Edge.Log;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Kafka.Tests;

/// <summary>A whole listener: journal in a temporary directory, ingest, <see cref="KafkaServer"/> and Kestrel on a free loopback port.</summary>
internal sealed class KafkaHarness : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _directory;
    private readonly bool _ownsDirectory;

    private KafkaHarness(WebApplication app, Journal journal, IngestPipeline ingest, KafkaServer server, string directory, bool ownsDirectory, int port)
    {
        (_app, Journal, Ingest, Server, _directory, _ownsDirectory, Port) = (app, journal, ingest, server, directory, ownsDirectory, port);
    }

    public Journal Journal { get; }
    public IngestPipeline Ingest { get; }
    public KafkaServer Server { get; }
    public int Port { get; }
    public string Bootstrap => $"127.0.0.1:{Port}";

    public static TimeSpan Deadline => TimeSpan.FromSeconds(120);

    /// <param name="directory">Null: a fresh one, deleted at the end. Given: kept, to start again over it.</param>
    public static async Task<KafkaHarness> StartAsync(KafkaOptions? options = null, IngestOptions? ingestOptions = null, string? directory = null, int port = 0)
    {
        string path = directory ?? CreateDirectory();
        Journal journal = Journal.Open(new PosixDisk(path), new LogOptions { SegmentBytes = 16 << 20, MaxBytes = 1L << 30, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        journal.Start();
        var ingest = new IngestPipeline(journal, ingestOptions ?? new IngestOptions());
        options ??= new KafkaOptions();
        options.GroupInitialRebalanceDelay = TimeSpan.FromMilliseconds(50);
        var server = new KafkaServer(options, ingest, TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, l => l.UseConnectionHandler<KafkaConnectionHandler>()));
        builder.Services.AddSingleton(new KafkaConnectionHandler(server));
        WebApplication app = builder.Build();
        await app.StartAsync();
        return new(app, journal, ingest, server, path, directory is null, new Uri(app.Urls.First()).Port);
    }

    public static string CreateDirectory() => Directory.CreateTempSubdirectory("edge-kafka-").FullName;

    public async Task<Topic> CreateTopicAsync(string name = "t", int partitions = 1)
    {
        TopicChange change = await Journal.Topics.CreateAsync(name, partitions, new TopicConfig()).WaitAsync(Deadline);
        Assert.Equal(TopicChangeStatus.Ok, change.Status);
        return change.Topic!;
    }

    /// <summary>Waits for something that another thread brings about.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        DateTime end = DateTime.UtcNow + Deadline;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, $"It did not come about: {what}");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync(CancellationToken.None);
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Server.DisposeAsync();
        await Ingest.DisposeAsync();
        await Journal.DisposeAsync();
        if (_ownsDirectory) Directory.Delete(_directory, recursive: true);
    }
}
