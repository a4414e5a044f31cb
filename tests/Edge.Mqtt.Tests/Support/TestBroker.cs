using System.Net;
using Edge.Catalog;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Log;
using Edge.Log.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Mqtt.Tests.Support;

/// <summary>A broker over a real journal in a directory of its own, listening on a free loopback port.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _directory;

    private TestBroker(string directory, Journal journal, IngestPipeline ingest, MqttBroker broker, WebApplication application, int port)
    {
        _directory = directory;
        Journal = journal;
        Ingest = ingest;
        Broker = broker;
        _application = application;
        Port = port;
    }

    /// <summary>Set to leave the data for a broker that is started on it afterwards.</summary>
    public bool KeepsData { get; set; }

    public string DataDirectory => _directory;
    public Journal Journal { get; }
    public IngestPipeline Ingest { get; }
    public MqttBroker Broker { get; }
    public int Port { get; }
    public MqttStatistics Statistics => Broker.Statistics;

    public static async Task<TestBroker> StartAsync(
        MqttOptions? options = null, Func<IDisk, IDisk>? wrapDisk = null, IReadOnlyList<RouteOptions>? routes = null, IngestOptions? ingestOptions = null,
        TimeProvider? timeProvider = null, string? directory = null, global::Edge.Mqtt.Security.IMqttAccess? access = null)
    {
        directory ??= Directory.CreateTempSubdirectory("edge-mqtt-").FullName;
        TimeProvider time = timeProvider ?? TimeProvider.System;
        IDisk disk = new PosixDisk(directory);
        if (wrapDisk is not null) disk = wrapDisk(disk);
        Journal journal = Journal.Open(disk, new LogOptions { SegmentBytes = 8 << 20, MinFreeBytes = 0 }, time, NullLogger.Instance);
        journal.Start();
        IngestPipeline ingest = new(journal, ingestOptions ?? new IngestOptions());
        RouteTable table = new(ingest, routes ?? []);
        MqttBroker broker = new(options ?? new MqttOptions(), ingest, table, new NoObserver(), time, NullLoggerFactory.Instance, access);
        await broker.StartAsync(CancellationToken.None);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            MqttConnectionHandler handler = new(broker);
            listen.Run(handler.OnConnectedAsync);
        }));
        WebApplication application = builder.Build();
        await application.StartAsync();
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TestBroker(directory, journal, ingest, broker, application, new Uri(address).Port);
    }

    /// <summary>A directory with the files as they are at this moment: what a kill -9 would leave.</summary>
    public string CopyAsIfKilled()
    {
        string copy = Directory.CreateTempSubdirectory("edge-mqtt-").FullName;
        foreach (string file in Directory.GetFiles(_directory))
        {
            try { File.Copy(file, Path.Combine(copy, Path.GetFileName(file))); }
            catch (FileNotFoundException) { } // recycled or renamed meanwhile
        }
        return copy;
    }

    /// <summary>Polls until a condition holds; the limit only ends a failed test.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        DateTime limit = DateTime.UtcNow.AddSeconds(20);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < limit, $"Not within 20 s: {what}");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.StopAsync(CancellationToken.None);
        await _application.StopAsync();
        await _application.DisposeAsync();
        Broker.Dispose();
        await Ingest.DisposeAsync();
        await Journal.DisposeAsync();
        if (!KeepsData) Directory.Delete(_directory, recursive: true);
    }

    private sealed class NoObserver : IDeviceObserver
    {
        public void Seen(string clientId, string? user, string address) { }
    }
}
