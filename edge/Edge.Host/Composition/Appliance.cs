using System.Security.Cryptography;
using System.Text.Json;
using Edge.Catalog;
using Edge.Catalog.Users;
using Edge.CloudSync;
using Edge.Hardware;
using Edge.Host.Configuration;
using Edge.Http;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Kafka;
using Edge.Log;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Edge.Mqtt;
using Edge.Mqtt.Security;
using Edge.Mqtt.WebSockets;
using Microsoft.Extensions.Logging;

namespace Edge.Host.Composition;

/// <summary>The composition root: every room made and wired by hand, started in order, stopped in reverse.</summary>
/// <remarks>
/// Start: lock, journal, catalog, ingest, routes, uplink, listeners, sensors. Stop: sources first, then a last commit. While it stops, each step has
/// its own limit, so that one room that hangs does not keep the journal from being closed.
/// </remarks>
public sealed partial class Appliance : IAsyncDisposable
{
    /// <summary>For sources and listeners together; the journal's last commit comes after it and is not cut off.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(8);

    private readonly EdgeOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<Exception> _storageFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DirectoryLock _lock;
    private readonly Journal _journal;
    private readonly IngestPipeline _ingest;
    private readonly DeviceRegistry _devices;
    private readonly CatalogStore _catalog;
    private readonly UserStore _users;
    private readonly SyncService _sync;
    private readonly MqttBroker _mqtt;
    private readonly KafkaServer _kafka;
    private readonly SensorHost _sensors;
    private readonly Listeners _listeners;
    private Task _retention = Task.CompletedTask;
    private volatile string? _notReady = "The appliance is starting.";
    private bool _isDisposed;

    private Appliance(EdgeOptions options, DirectoryLock directoryLock, Journal journal, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        (_options, _lock, _journal, _timeProvider) = (options, directoryLock, journal, timeProvider);
        _logger = loggerFactory.CreateLogger<Appliance>();
        _devices = new DeviceRegistry(journal, timeProvider, loggerFactory);
        _catalog = new CatalogStore(Path.Combine(options.DataDirectory, "catalog.db"), journal, timeProvider, loggerFactory);
        _users = new UserStore(journal, timeProvider);
        _ingest = new IngestPipeline(journal, options.Ingest);
        var routes = new RouteTable(_ingest, options.Routes.Count > 0 ? options.Routes : [new RouteOptions()]);
        _sync = new SyncService(options.Sync, journal, _ingest, timeProvider, loggerFactory);
        var access = new UserAccess(_users, options.Mqtt.Anonymous, timeProvider);
        _mqtt = new MqttBroker(options.Mqtt, _ingest, routes, _devices, timeProvider, loggerFactory, access);
        options.Kafka.LogDirectory = Path.Combine(Path.GetFullPath(options.DataDirectory), "journal");
        _kafka = new KafkaServer(options.Kafka, _ingest, timeProvider, loggerFactory, _users);
        _sensors = new SensorHost(options.Sensors, options.Hardware, _ingest, timeProvider, loggerFactory);
        var http = new HttpApiContext
        {
            Journal = journal,
            Ingest = _ingest,
            Catalog = _catalog,
            Users = _users,
            Options = options.Http,
            TimeProvider = timeProvider,
            Version = ProductVersion,
            Started = timeProvider.GetUtcNow(),
            Token = Token,
            Rooms = [new MqttRoom(_mqtt.Statistics, routes), new KafkaRoom(_kafka.Statistics), new SyncRoom(_sync), new SensorRoom(_sensors), new CatalogRoom(_catalog, _devices)],
            NotReady = () => _notReady ?? (journal.State == JournalState.Running ? null : journal.Fault?.Message ?? "The journal is stopped."),
            WriteSensors = json => SensorJson.Write(json, _sensors.Status),
            ReadSensorAsync = ReadSensorAsync,
            AdoptSync = _sync.Adopt,
            PauseSync = pause => (pause ? (Action)_sync.Pause : _sync.Resume)(),
            Stopping = _stopping.Token,
            MqttWebSocket = new MqttWebSocketHandler(_mqtt).ServeAsync,
        };
        _listeners = new Listeners(options, _mqtt, _kafka, http, loggerFactory);
    }

    public static string ProductVersion { get; } = typeof(Appliance).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Secret of this run, in run.json.</summary>
    public string Token { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public Journal Journal => _journal;

    /// <summary>mqtt, kafka, http: as bound.</summary>
    public IReadOnlyDictionary<string, int> Ports => _listeners.Ports;

    /// <summary>Where HTTP is reached from this machine.</summary>
    public string Url => _listeners.LocalUrl;

    /// <summary>Completes with the cause when the journal became read-only.</summary>
    public Task<Exception> StorageFailed => _storageFailed.Task;

    /// <summary>Starts everything; returns when a publish would be acknowledged.</summary>
    /// <exception cref="EdgeException">It cannot start: directory in use, damaged data, port in use. Names the thing; nothing is left running.</exception>
    public static async Task<Appliance> StartAsync(EdgeOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        DirectoryLock directoryLock = DirectoryLock.Acquire(options.DataDirectory);
        Journal? journal = null;
        Appliance? appliance = null;
        try
        {
            journal = Journal.Open(new PosixDisk(Path.Combine(options.DataDirectory, "journal")), options.Log, timeProvider, loggerFactory.CreateLogger<Journal>());
            appliance = new Appliance(options, directoryLock, journal, timeProvider, loggerFactory);
            await appliance.StartRoomsAsync(cancellationToken).ConfigureAwait(false);
            return appliance;
        }
        catch
        {
            if (appliance is not null) await appliance.DisposeAsync().ConfigureAwait(false);
            else
            {
                if (journal is not null) await journal.DisposeAsync().ConfigureAwait(false);
                directoryLock.Dispose();
            }
            throw;
        }
    }

    private async Task StartRoomsAsync(CancellationToken cancellationToken)
    {
        _journal.Fenced += fault => _storageFailed.TrySetResult(fault);
        _journal.Start();
        if (_journal.Fault is { } early) _storageFailed.TrySetResult(early);
        _devices.Start();
        _catalog.Start();
        await TopicSetup.ApplyAsync(_journal.Topics, _options.Topics, _logger, cancellationToken).ConfigureAwait(false);
        await _sync.StartAsync(cancellationToken).ConfigureAwait(false); // before the listeners: it guards unsent records against retention
        await _kafka.StartAsync(cancellationToken).ConfigureAwait(false);
        await _mqtt.StartAsync(cancellationToken).ConfigureAwait(false);
        await _listeners.StartAsync(cancellationToken).ConfigureAwait(false);
        new RunFile(ProcessIdentity.Current, Url, Token, Ports).Write(_options.DataDirectory);
        _retention = Task.Run(RetainAsync, CancellationToken.None);
        _notReady = null;
        await _sensors.StartAsync(cancellationToken).ConfigureAwait(false);
        // A read model: what it says about routes and sensors may come a moment later.
        _ = _catalog.SetConfigurationAsync(
            [.. _options.Routes.Select(static (r, i) => new CatalogRoute(i, r.Filter, r.Topic, r.Key, r.Priority, r.Payload))],
            [.. _options.Sensors.Select(static s => new CatalogSensor(s.Name, s.Driver, s.Topic, s.Key, s.Interval, s.Settings))]);
        LogStarted(_logger, _journal.DeviceId, _options.DataDirectory, string.Join(", ", Ports.Select(static p => $"{p.Key} {p.Value}")));
    }

    /// <summary>Stops in reverse. Safe to call twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _notReady = "The appliance is stopping.";
        RunFile.Delete(_options.DataDirectory);
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(StopLimit, _timeProvider);
        await StepAsync("sensors", _sensors.StopAsync(limit.Token)).ConfigureAwait(false);
        // Together: Kestrel waits for connections that the broker and the Kafka server end.
        await Task.WhenAll(StepAsync("listeners", _listeners.StopAsync(limit.Token)), StepAsync("mqtt", _mqtt.StopAsync(limit.Token)), StepAsync("kafka", _kafka.StopAsync(limit.Token))).ConfigureAwait(false);
        await StepAsync("sync", _sync.StopAsync(limit.Token)).ConfigureAwait(false);
        await StepAsync("retention", _retention.WaitAsync(StopLimit, _timeProvider)).ConfigureAwait(false);
        await StepAsync("listeners", _listeners.DisposeAsync().AsTask()).ConfigureAwait(false);
        await StepAsync("kafka", _kafka.DisposeAsync().AsTask()).ConfigureAwait(false);
        await StepAsync("sensors", _sensors.DisposeAsync().AsTask()).ConfigureAwait(false);
        await StepAsync("devices", _devices.DisposeAsync().AsTask().WaitAsync(StopLimit, _timeProvider)).ConfigureAwait(false);
        await StepAsync("catalog", _catalog.DisposeAsync().AsTask().WaitAsync(StopLimit, _timeProvider)).ConfigureAwait(false);
        await StepAsync("ingest", _ingest.DisposeAsync().AsTask()).ConfigureAwait(false);
        await StepAsync("journal", _journal.DisposeAsync().AsTask()).ConfigureAwait(false);
        _mqtt.Dispose();
        _users.Dispose();
        _lock.Dispose();
        _stopping.Dispose();
    }

    private async Task ReadSensorAsync(string name, Utf8JsonWriter json, CancellationToken cancellationToken) =>
        SensorJson.Write(json, await _sensors.ReadOnceAsync(name, cancellationToken).ConfigureAwait(false));

    /// <summary>A room that fails to stop is logged; the others are stopped all the same.</summary>
    private async Task StepAsync(string room, Task stop)
    {
        try { await stop.ConfigureAwait(false); }
        catch (Exception e) { LogStopFailed(_logger, room, e.Message); }
    }

    private async Task RetainAsync()
    {
        using var timer = new PeriodicTimer(_options.RetentionInterval, _timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                try { _journal.ApplyRetention(); }
                catch (Exception e) { LogRetentionFailed(_logger, e.Message); }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // the appliance stops
        }
    }

    [LoggerMessage(1001, LogLevel.Information, "Device {Device} runs on {Directory}; listening: {Ports}")]
    private static partial void LogStarted(ILogger logger, string device, string directory, string ports);

    [LoggerMessage(1002, LogLevel.Error, "Stopping {Room} failed: {Cause}")]
    private static partial void LogStopFailed(ILogger logger, string room, string cause);

    [LoggerMessage(1003, LogLevel.Error, "Retention failed and is tried again: {Cause}")]
    private static partial void LogRetentionFailed(ILogger logger, string cause);
}
