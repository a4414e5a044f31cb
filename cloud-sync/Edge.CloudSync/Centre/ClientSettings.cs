using Confluent.Kafka;

namespace Edge.CloudSync.Centre;

/// <summary>librdkafka settings of the forwarder. Each line answers a pitfall of store and forward; docs/operations/sync.md lists them.</summary>
internal static class ClientSettings
{
    /// <summary>What every client of the centre has: connections that notice a dead link, and nothing sent that nobody asked for.</summary>
    public static void ApplyCommon(ClientConfig config, SyncOptions options, string clientId)
    {
        foreach ((string name, string value) in options.Client) config.Set(name, value); // first: what follows is not negotiable
        config.BootstrapServers = options.BootstrapServers;
        config.ClientId = clientId;
        config.AllowAutoCreateTopics = false;             // a typo must not make a topic
        config.EnableMetricsPush = false;                 // no request the operator did not ask for on a metered link
        config.SocketKeepaliveEnable = true;              // blackholed TCP
        config.SocketTimeoutMs = Milliseconds(options.SocketTimeout);
        config.SocketConnectionSetupTimeoutMs = Math.Max(1000, Milliseconds(options.SocketTimeout) / 2);
        config.SocketNagleDisable = true;
        config.ConnectionsMaxIdleMs = 240_000;            // below the NAT time-out of common routers (5 min)
        config.ReconnectBackoffMs = 100;
        config.ReconnectBackoffMaxMs = 10_000;            // longer outages are the probe's: no producer exists then
        config.TopicMetadataRefreshIntervalMs = Milliseconds(options.MetadataRefresh);
    }

    public static ProducerConfig Producer(SyncOptions options, string deviceId, int batchBytes)
    {
        var config = new ProducerConfig();
        ApplyCommon(config, options, $"edge.{deviceId}");
        config.EnableIdempotence = true;
        config.Acks = Acks.All;
        config.MaxInFlight = 5;                           // the most an idempotent producer keeps in order
        config.EnableGaplessGuarantee = true;             // after a refused batch nothing later may overtake it
        config.MessageTimeoutMs = 0;                      // never: a record given up while later ones go out would break the order. The watchdog ends a stall
        config.MessageSendMaxRetries = int.MaxValue;
        config.QueueBufferingMaxKbytes = Math.Max(1024, options.MaxInFlightBytes / 1024 * 2); // second bound; ours is hit first
        config.QueueBufferingMaxMessages = options.MaxInFlightRecords + 1000;
        config.MessageMaxBytes = options.MessageMaxBytes + 1024;
        config.BatchSize = Math.Min(batchBytes, options.MessageMaxBytes);
        config.BatchNumMessages = 100_000;                // bytes decide
        config.LingerMs = 5;                              // gathering is ours (Sync:Linger): a full window must not wait for a timer
        config.CompressionType = options.Compression switch
        {
            "none" => CompressionType.None,
            "gzip" => CompressionType.Gzip,
            "snappy" => CompressionType.Snappy,
            "lz4" => CompressionType.Lz4,
            _ => CompressionType.Zstd,
        };
        config.DeliveryReportFields = "none";             // offset and error always come; the rest would be copied per record
        return config;
    }

    /// <summary>As <see cref="Producer"/>, within transactions.</summary>
    public static ProducerConfig Transactional(SyncOptions options, string deviceId, string lane, int batchBytes)
    {
        ProducerConfig config = Producer(options, deviceId, batchBytes);
        config.TransactionalId = $"edge.{deviceId}.{lane}";
        config.TransactionTimeoutMs = Milliseconds(options.TransactionTimeout);
        config.MessageTimeoutMs = config.TransactionTimeoutMs; // what is late ends the transaction, and the next one sends it again
        config.SocketTimeoutMs = Math.Min(Milliseconds(options.SocketTimeout), Milliseconds(options.TransactionTimeout)); // the library insists
        config.MessageMaxBytes = options.MessageMaxBytes + 1024;
        config.QueueBufferingMaxKbytes = Math.Max(4096, options.CatchUpBytes / 1024 * 2); // one transaction is all there ever is
        config.QueueBufferingMaxMessages = options.MaxInFlightRecords + 1000;
        config.LogConnectionClose = true;                 // the taint rule lives on it
        return config;
    }

    public static ConsumerConfig CursorConsumer(SyncOptions options, string deviceId)
    {
        var config = new ConsumerConfig();
        ApplyCommon(config, options, $"edge.{deviceId}.cursors");
        config.GroupId = $"edge.{deviceId}";              // required by the library, never joined
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.EnablePartitionEof = true;
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.FetchWaitMaxMs = 20;                       // the default of 500 would be the whole start-up time
        config.FetchErrorBackoffMs = 50;
        config.QueuedMaxMessagesKbytes = 4096;
        config.ConsumeResultFields = "none";
        return config;
    }

    public static AdminClientConfig Admin(SyncOptions options, string deviceId)
    {
        var config = new AdminClientConfig();
        ApplyCommon(config, options, $"edge.{deviceId}.probe");
        return config;
    }

    private static int Milliseconds(TimeSpan span) => (int)Math.Clamp(span.TotalMilliseconds, 1, int.MaxValue);
}
