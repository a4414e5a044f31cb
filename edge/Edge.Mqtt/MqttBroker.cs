using System.Collections.Concurrent;
using Edge.Catalog;
using Edge.Ingest;
using Edge.Ingest.Routing;
using Edge.Log;
using Edge.Log.Compression;
using Edge.Log.Readers;
using Edge.Log.Records;
using Edge.Mqtt.Connections;
using Edge.Mqtt.Fanout;
using Edge.Mqtt.Protocol;
using Edge.Mqtt.Retained;
using Edge.Mqtt.Security;
using Edge.Mqtt.Sessions;
using Edge.Mqtt.Subscriptions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Edge.Mqtt;

/// <summary>The MQTT 3.1.1 and 5 broker (3.1 accepted): every acknowledgement of a publish follows the fdatasync that covers it.</summary>
/// <remarks>
/// It owns sessions, subscriptions, retained messages and the fan-out from the journal to subscribers. Connections come from Kestrel through
/// <see cref="MqttConnectionHandler"/>. Time-outs run on the monotonic clock, so a step of the wall clock disconnects nobody.
/// </remarks>
public sealed partial class MqttBroker : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1), ConnectLimit = TimeSpan.FromSeconds(10), StopLimit = TimeSpan.FromSeconds(5);

    private const int MaxDecompressedBytes = 16 << 20;

    // Beyond the bound a few more are let in far enough to be told so; past that they are cut off unread.
    private const int RefusalRoom = 64;

    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<MqttConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<Task, byte> _background = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _maxConnections;
    private readonly ConnectionRate _rate;
    private ITimer? _sweep;
    private Task _fanoutTask = Task.CompletedTask;
    private int _open, _pendingSubscribes, _sweeping, _sweeps, _accessVersion;

    /// <param name="options">Checked by the host with <see cref="MqttOptions.Validate"/> before.</param>
    /// <param name="ingest">The way into the journal; must stay open until <see cref="StopAsync"/> has completed.</param>
    /// <param name="routes">Maps MQTT topics to topics and keys.</param>
    /// <param name="devices">Told about every client that connects.</param>
    /// <param name="access">Who may connect and what it may do; null: everybody, everything.</param>
    public MqttBroker(MqttOptions options, IngestPipeline ingest, RouteTable routes, IDeviceObserver devices, TimeProvider timeProvider, ILoggerFactory loggerFactory, IMqttAccess? access = null)
    {
        Options = options;
        Access = access ?? new OpenAccess();
        Ingest = ingest;
        Routes = routes;
        Devices = devices;
        TimeProvider = timeProvider;
        _logger = loggerFactory.CreateLogger<MqttBroker>();
        _maxConnections = options.EffectiveMaxConnections;
        _rate = new ConnectionRate(options.MaxNewConnectionsPerSecond, timeProvider);
        Retained = new RetainedStore(ingest, options);
        Store = new SessionStore(ingest.Journal);
        Sessions = new SessionTable(this);
        Fanout = new FanoutWorker(this);
        StartedAt = timeProvider.GetTimestamp();
    }

    public MqttStatistics Statistics { get; } = new();

    internal MqttOptions Options { get; }
    internal IMqttAccess Access { get; }
    internal IngestPipeline Ingest { get; }
    internal Journal Journal => Ingest.Journal;
    internal RouteTable Routes { get; }
    internal IDeviceObserver Devices { get; }
    internal TimeProvider TimeProvider { get; }
    internal SubscriptionTrie Trie { get; } = new();
    internal RetainedStore Retained { get; }
    internal SessionStore Store { get; }
    internal SessionTable Sessions { get; }
    internal FanoutWorker Fanout { get; }
    internal CancellationToken Stopping => _stopping.Token;
    internal long StartedAt { get; }
    internal ICollection<MqttConnection> OpenConnections => _connections.Keys;
    internal bool IsOverConnectionLimit => Volatile.Read(ref _open) > _maxConnections;

    /// <summary>SUBSCRIBEs between following the tail and being in the trie; the fan-out worker does not go idle meanwhile.</summary>
    internal int PendingSubscribes => Volatile.Read(ref _pendingSubscribes);

    /// <summary>Takes up the sessions that were kept, and starts fan-out and time-outs. Connections may come from then on.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        EnterSubscribe();
        Fanout.Follow();
        List<StoredWill> due = Sessions.Load();
        LeaveSubscribe();
        foreach (StoredWill will in due) Track(PublishWillAsync(will));
        _fanoutTask = Task.Run(() => Fanout.RunAsync(_stopping.Token), CancellationToken.None);
        _sweep = TimeProvider.CreateTimer(static state => ((MqttBroker)state!).Sweep(), this, SweepInterval, SweepInterval);
        return Task.CompletedTask;
    }

    /// <summary>Closes every connection (MQTT 5 clients are told "server shutting down") and ends the background work.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_sweep is not null) await _sweep.DisposeAsync().ConfigureAwait(false);
        MqttConnection[] connections = [.. _connections.Keys];
        foreach (MqttConnection connection in connections) connection.Close(ReasonCode.ServerShuttingDown);
        try
        {
            await Task.WhenAll(connections.Select(connection => connection.Finished)).WaitAsync(StopLimit, TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) { LogSlowStop(connections.Length); }
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _fanoutTask.ConfigureAwait(false);
        try { await Task.WhenAll(_background.Keys).WaitAsync(StopLimit, TimeProvider, cancellationToken).ConfigureAwait(false); }
        catch (TimeoutException) { LogSlowStop(_background.Count); }
    }

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        Fanout.Dispose();
        _stopping.Dispose();
    }

    internal async Task ServeAsync(ConnectionContext transport)
    {
        int open = Interlocked.Increment(ref _open);
        try
        {
            if (_stopping.IsCancellationRequested || open > _maxConnections + RefusalRoom || !_rate.TryEnter(transport.RemoteEndPoint))
            {
                Statistics.AddRefusedConnection();
                transport.Abort();
                return;
            }
            MqttConnection connection = new(this, transport);
            _connections[connection] = 0;
            Statistics.AddConnection(1);
            try { await connection.RunAsync().ConfigureAwait(false); }
            finally
            {
                _connections.TryRemove(connection, out _);
                Statistics.AddConnection(-1);
            }
        }
        finally { Interlocked.Decrement(ref _open); }
    }

    internal long Now() => TimeProvider.GetTimestamp();

    internal long NowMs() => TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    internal JournalReader OpenReader(long from) => Journal.OpenReader(from);

    /// <summary>Records of a compressed batch; false when it cannot be read within the bound.</summary>
    internal static bool TryDecompress(in RecordBatchHeader header, ReadOnlySpan<byte> section, out byte[] records) =>
        BatchDecompressor.TryDecompress(header, section, MaxDecompressedBytes, out records);

    internal void EnterSubscribe() => Interlocked.Increment(ref _pendingSubscribes);

    internal void LeaveSubscribe() => Interlocked.Decrement(ref _pendingSubscribes);

    /// <summary>Keeps a background task until it is over, so that stopping waits for it.</summary>
    internal void Track(Task task)
    {
        if (task.IsCompleted) return;
        _background[task] = 0;
        _ = task.ContinueWith(static (done, state) => ((MqttBroker)state!)._background.TryRemove(done, out _), this,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0) return;
        try
        {
            long now = Now();
            foreach (MqttConnection connection in _connections.Keys)
            {
                if (!connection.IsConnected)
                {
                    if (TimeProvider.GetElapsedTime(connection.StartedAt, now) < ConnectLimit) continue;
                    if (connection.Close(ReasonCode.KeepAliveTimeout, tell: false)) Statistics.AddConnectTimeout();
                }
                else if (connection.KeepAlive > TimeSpan.Zero && !connection.IsHeldBack && TimeProvider.GetElapsedTime(connection.LastPacketAt, now) > connection.KeepAlive * 1.5)
                {
                    if (connection.Close(ReasonCode.KeepAliveTimeout)) Statistics.AddKeepAliveTimeout();
                }
            }
            if (Access.Version is var version && version != _accessVersion)
            {
                _accessVersion = version;
                Sessions.Recheck();
            }
            Sessions.Sweep(now);
            _rate.Sweep(now);
            if (++_sweeps % 10 == 0) PublishSystemTopics();
        }
        catch (Exception e) { LogSweepFault(e); }
        finally { Volatile.Write(ref _sweeping, 0); }
    }
}
