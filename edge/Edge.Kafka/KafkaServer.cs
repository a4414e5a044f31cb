using System.Collections.Concurrent;
using System.Net;
using Edge.Ingest;
using Edge.Kafka.Apis;
using Edge.Kafka.Groups;
using Edge.Kafka.Server;
using Edge.Log.Topics;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Edge.Kafka;

/// <summary>A Kafka broker of one node over the journal. Connections come from <see cref="KafkaConnectionHandler"/>; the host binds the endpoint.</summary>
/// <remarks>Stop it before the ingest pipeline and the journal. What was not answered is not acknowledged.</remarks>
public sealed class KafkaServer : IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1), StopPatience = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<KafkaConnection, Task> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly BrokerContext _broker;
    private readonly LogThrottle _refusalThrottle;
    private ITimer? _sweep;
    private int _count;

    public KafkaServer(KafkaOptions options, IngestPipeline ingest, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0) throw new ArgumentException(string.Join(' ', problems), nameof(options));
        ILogger logger = loggerFactory.CreateLogger("Edge.Kafka");
        Statistics = new();
        var offsets = new OffsetStore(ingest.Journal, options, timeProvider);
        var producerIds = new ProducerIdAllocator(ingest.Journal);
        _broker = new()
        {
            Options = options,
            Ingest = ingest,
            TimeProvider = timeProvider,
            Logger = logger,
            Statistics = Statistics,
            Budget = new(options.MaxInFlightBytes),
            Offsets = offsets,
            Groups = new(options, timeProvider, logger),
            ProducerIds = producerIds,
            Transactions = new(ingest.Journal, options, timeProvider, producerIds, Statistics, logger),
        };
        Apis = new(_broker);
        MalformedThrottle = new(timeProvider);
        _refusalThrottle = new(timeProvider);
    }

    /// <summary>Counters since start.</summary>
    public KafkaStatistics Statistics { get; }

    internal ApiTable Apis { get; }
    internal BrokerContext Broker => _broker;
    internal LogThrottle MalformedThrottle { get; }
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Makes the server ready for connections.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _broker.Transactions.RestoreAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        _broker.Journal.Topics.Changed += OnTopicChanged;
        _sweep = _broker.TimeProvider.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <summary>Ends all connections: submitted batches are still answered, long polls and waiting group members are not.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _broker.Journal.Topics.Changed -= OnTopicChanged;
        if (_sweep is not null) await _sweep.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task all = Task.WhenAll(_connections.Values);
        try
        {
            await all.WaitAsync(StopPatience, _broker.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (KafkaConnection connection in _connections.Keys) connection.Abort("the listener stops");
        }
        _broker.Groups.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested) await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _broker.Transactions.Dispose();
        _broker.ProducerIds.Dispose();
        _stopping.Dispose();
    }

    internal async Task ServeAsync(ConnectionContext context)
    {
        if (Interlocked.Increment(ref _count) > _broker.Options.MaxConnections || _stopping.IsCancellationRequested)
        {
            Interlocked.Decrement(ref _count);
            Statistics.ConnectionRefused();
            if (_refusalThrottle.ShouldLog(out long suppressed)) KafkaLog.ConnectionRefused(_broker.Logger, _broker.Options.MaxConnections, suppressed);
            context.Abort(new ConnectionAbortedException("too many connections"));
            return;
        }
        Statistics.ConnectionOpened();
        var connection = new KafkaConnection(context, this, DescribeClient(context));
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections.TryAdd(connection, ended.Task);
        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            Interlocked.Decrement(ref _count);
            Statistics.ConnectionClosed();
            ended.TrySetResult();
        }
    }

    private ClientInfo DescribeClient(ConnectionContext context)
    {
        var local = context.LocalEndPoint as IPEndPoint;
        string host = local is null ? _broker.Options.BindAddress : Unmap(local.Address);
        int port = local?.Port ?? _broker.Options.Port;
        if (_broker.Options.AdvertisedHost.Length > 0 && KafkaOptions.TryParseHost(_broker.Options.AdvertisedHost, out string advertised, out int advertisedPort))
            (host, port) = (advertised, advertisedPort > 0 ? advertisedPort : port);
        return new(host, port, context.RemoteEndPoint is IPEndPoint remote ? Unmap(remote.Address) : "unknown");
    }

    private static string Unmap(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    private void Sweep()
    {
        foreach (KafkaConnection connection in _connections.Keys) connection.CheckTimeouts();
        _ = _broker.Transactions.ExpireAsync(); // answers by what it leaves in the journal; a fenced journal leaves everything as it is
    }

    private void OnTopicChanged(Topic topic)
    {
        if (topic.IsDeleted) _broker.Offsets.ForgetTopic(topic.Name);
    }
}
