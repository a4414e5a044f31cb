using System.Globalization;
using System.Text.Json;
using Edge.Catalog;
using Edge.CloudSync;
using Edge.Hardware;
using Edge.Http;
using Edge.Ingest.Routing;
using Edge.Kafka;
using Edge.Mqtt;

namespace Edge.Host.Composition;

/// <summary>The MQTT broker in status and metrics.</summary>
internal sealed class MqttRoom(MqttStatistics statistics, RouteTable routes) : IHttpRoom
{
    public string Name => "mqtt";

    public void WriteStatus(Utf8JsonWriter json)
    {
        json.WriteNumber("connections"u8, statistics.Connections);
        json.WriteNumber("sessions"u8, statistics.Sessions);
        json.WriteNumber("subscriptions"u8, statistics.Subscriptions);
        json.WriteNumber("messagesReceived"u8, statistics.MessagesReceived);
        json.WriteNumber("messagesAcknowledged"u8, statistics.MessagesAcknowledged);
        json.WriteNumber("messagesRefused"u8, statistics.MessagesRefused);
        json.WriteNumber("messagesSent"u8, statistics.MessagesSent);
        json.WriteNumber("messagesDropped"u8, statistics.MessagesDropped);
    }

    public void WriteMetrics(MetricsWriter metrics)
    {
        metrics.Gauge("edge_mqtt_connections", "Clients connected.", statistics.Connections);
        metrics.Gauge("edge_mqtt_sessions", "Sessions kept, connected or away.", statistics.Sessions);
        metrics.Gauge("edge_mqtt_subscriptions", "Subscriptions.", statistics.Subscriptions);
        metrics.Counter("edge_mqtt_connections_total", "Connections taken.", statistics.ConnectionsTotal);
        metrics.Counter("edge_mqtt_connections_refused_total", "Connections turned away.", statistics.ConnectionsRefused);
        metrics.Counter("edge_mqtt_messages_received_total", "PUBLISH packets handed to ingest.", statistics.MessagesReceived);
        metrics.Counter("edge_mqtt_received_bytes_total", "Bytes of packets read.", statistics.BytesReceived);
        metrics.Counter("edge_mqtt_messages_acknowledged_total", "Acknowledgements after a commit.", statistics.MessagesAcknowledged);
        metrics.Counter("edge_mqtt_messages_refused_total", "Publishes refused.", statistics.MessagesRefused);
        metrics.Counter("edge_mqtt_messages_sent_total", "PUBLISH packets to subscribers.", statistics.MessagesSent);
        metrics.Counter("edge_mqtt_messages_dropped_total", "Messages not delivered to a subscriber.", statistics.MessagesDropped);
        metrics.Counter("edge_mqtt_messages_expired_total", "Messages whose expiry passed before delivery.", statistics.Expired);
        metrics.Counter("edge_mqtt_duplicates_total", "QoS 2 publishes that were here already.", statistics.Duplicates);
        metrics.Counter("edge_mqtt_malformed_total", "Malformed packets.", statistics.Malformed);
        metrics.Counter("edge_mqtt_protocol_errors_total", "Packets against the protocol.", statistics.ProtocolErrors);
        metrics.Counter("edge_mqtt_keep_alive_timeouts_total", "Clients that fell silent.", statistics.KeepAliveTimeouts);
        metrics.Counter("edge_mqtt_connect_timeouts_total", "Connections without a CONNECT.", statistics.ConnectTimeouts);
        metrics.Counter("edge_mqtt_takeovers_total", "Connections replaced by the same client.", statistics.Takeovers);
        metrics.Counter("edge_mqtt_wills_total", "Wills published.", statistics.WillsPublished);
        metrics.Counter("edge_mqtt_retained_refused_total", "Messages stored but not retained: bound reached.", statistics.RetainedRefused);
        metrics.Counter("edge_mqtt_batches_skipped_total", "Journal batches that could not be read for subscribers.", statistics.BatchesSkipped);
        metrics.Counter("edge_mqtt_busy_waits_total", "Times a publisher was held back.", statistics.BusyWaits);
        metrics.Counter("edge_mqtt_unrouted_total", "Publishes that no route takes.", statistics.Unrouted);
        metrics.Counter("edge_mqtt_catch_ups_total", "Times a subscriber fell back to its position in the journal.", statistics.CatchUps);
        metrics.Counter("edge_mqtt_overruns_total", "Times retention had removed what a session was still to read.", statistics.Overruns);
        metrics.Counter("edge_mqtt_sessions_expired_total", "Sessions that ended because their client stayed away.", statistics.SessionsExpired);
        metrics.Counter("edge_mqtt_garbage_total", "Connections whose first byte was not a CONNECT's.", statistics.Garbage);
        metrics.Counter("edge_mqtt_logins_refused_total", "CONNECTs refused for their credentials or their will.", statistics.LoginsRefused);
        metrics.Counter("edge_mqtt_denied_total", "Publishes and subscriptions without a right.", statistics.Denied);
        metrics.Counter("edge_mqtt_throttled_total", "Times a client above its quota was read no further.", statistics.Throttled);
        metrics.Counter("edge_routes_unparsed_total", "Payloads that were not what their route says; stored as they are, flagged.", routes.Unparsed);
        metrics.Counter("edge_routes_missing_fields_total", "Payload fields a template asked for that were not there.", routes.MissingPayloadFields);
    }
}

/// <summary>The Kafka listener in status and metrics.</summary>
internal sealed class KafkaRoom(KafkaStatistics statistics) : IHttpRoom
{
    public string Name => "kafka";

    public void WriteStatus(Utf8JsonWriter json)
    {
        json.WriteNumber("connections"u8, statistics.Connections);
        json.WriteNumber("requests"u8, statistics.Requests);
        json.WriteNumber("recordsIn"u8, statistics.RecordsIn);
        json.WriteNumber("bytesIn"u8, statistics.BytesIn);
        json.WriteNumber("bytesOut"u8, statistics.BytesOut);
    }

    public void WriteMetrics(MetricsWriter metrics)
    {
        metrics.Gauge("edge_kafka_connections", "Connections open.", statistics.Connections);
        metrics.Counter("edge_kafka_connections_total", "Connections taken.", statistics.ConnectionsTotal);
        metrics.Counter("edge_kafka_connections_refused_total", "Connections closed at once: bound reached.", statistics.ConnectionsRefused);
        metrics.Counter("edge_kafka_requests_total", "Requests.", statistics.Requests);
        metrics.Counter("edge_kafka_received_bytes_total", "Bytes of requests.", statistics.BytesIn);
        metrics.Counter("edge_kafka_sent_bytes_total", "Bytes of responses.", statistics.BytesOut);
        metrics.Counter("edge_kafka_authentication_failures_total", "Log-ins refused, and connections that asked for something without one.", statistics.AuthenticationFailures);
        metrics.Counter("edge_kafka_transactions_committed_total", "Transactions committed.", statistics.TransactionsCommitted);
        metrics.Counter("edge_kafka_transactions_aborted_total", "Transactions aborted.", statistics.TransactionsAborted);
        metrics.Counter("edge_kafka_transactions_timed_out_total", "Transactions aborted because their time was over.", statistics.TransactionsTimedOut);
        metrics.Counter("edge_kafka_clamped_timestamps_total", "Records stored with ingest time because theirs lay in the future.", statistics.ClampedTimestamps);
        metrics.Counter("edge_kafka_records_in_total", "Records made durable by produce requests.", statistics.RecordsIn);
        metrics.Counter("edge_kafka_batches_in_total", "Batches made durable by produce requests.", statistics.BatchesIn);
        metrics.Counter("edge_kafka_duplicate_batches_total", "Batches that were stored already.", statistics.DuplicateBatches);
        metrics.Counter("edge_kafka_batches_refused_total", "Batches answered with an error.", statistics.BatchesRefused);
        metrics.Counter("edge_kafka_malformed_requests_total", "Connections closed: not Kafka or not well-formed.", statistics.MalformedRequests);
        metrics.Counter("edge_kafka_unsupported_requests_total", "Requests of an API or version not offered.", statistics.UnsupportedRequests);
        metrics.Counter("edge_kafka_timeouts_total", "Connections closed: idle or stuck.", statistics.ConnectionTimeouts);
        metrics.Counter("edge_kafka_failures_total", "Requests that failed on a fault of ours.", statistics.Failures);
    }
}

/// <summary>The forwarder in status and metrics.</summary>
internal sealed class SyncRoom(SyncService sync) : IHttpRoom
{
    public string Name => "sync";

    public void WriteStatus(Utf8JsonWriter json)
    {
        SyncStatus status = sync.Status;
        json.WriteString("state"u8, status.State.ToString().ToLowerInvariant());
        json.WriteString("bootstrapServers"u8, status.BootstrapServers);
        json.WriteString("delivery"u8, status.Delivery);
        json.WriteNumber("recordsForwarded"u8, status.RecordsForwarded);
        json.WriteNumber("bytesForwarded"u8, status.BytesForwarded);
        json.WriteNumber("recordsDeadLettered"u8, status.RecordsDeadLettered);
        json.WriteNumber("gapsAnnounced"u8, status.GapsAnnounced);
        json.WriteNumber("transactions"u8, status.Transactions);
        json.WriteNumber("transactionsAborted"u8, status.TransactionsAborted);
        json.WriteNumber("producers"u8, status.Sessions);
        if (status.HaltReason is { } halted) json.WriteString("haltReason"u8, halted);
        json.WriteNumber("recordsInFlight"u8, status.RecordsInFlight);
        json.WriteNumber("backlogRecords"u8, status.BacklogRecords);
        json.WriteNumber("backlogBytes"u8, status.BacklogBytes);
        if (status.OldestBacklog is { } oldest) json.WriteString("oldestBacklog"u8, Iso(oldest));
        if (status.LastError is { } error) json.WriteString("lastError"u8, error);
        if (status.LastErrorTime is { } time) json.WriteString("lastErrorTime"u8, Iso(time));
        json.WriteStartArray("partitions"u8);
        foreach (PartitionSyncStatus partition in status.Partitions)
        {
            json.WriteStartObject();
            json.WriteString("topic"u8, partition.Topic);
            json.WriteNumber("partition"u8, partition.Partition);
            json.WriteNumber("next"u8, partition.Next);
            json.WriteNumber("highWatermark"u8, partition.HighWatermark);
            json.WriteString("centralTopic"u8, partition.CentralTopic);
            if (partition.PausedReason is { } reason) json.WriteString("pausedReason"u8, reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public void WriteMetrics(MetricsWriter metrics)
    {
        SyncStatus status = sync.Status;
        metrics.Gauge("edge_sync_forwarding", "1 while records flow to the centre.", status.State is SyncState.Forwarding or SyncState.Sending or SyncState.Committing ? 1 : 0);
        metrics.Gauge("edge_sync_halted", "1 while an operator has to decide.", status.State == SyncState.Halted ? 1 : 0);
        metrics.Counter("edge_sync_transactions_total", "Transactions committed at the centre.", status.Transactions);
        metrics.Counter("edge_sync_transactions_aborted_total", "Transactions undone; what they held was sent again.", status.TransactionsAborted);
        metrics.Counter("edge_sync_records_forwarded_total", "Records the centre confirmed.", status.RecordsForwarded);
        metrics.Counter("edge_sync_forwarded_bytes_total", "Bytes the centre confirmed, before compression.", status.BytesForwarded);
        metrics.Counter("edge_sync_dead_lettered_total", "Records of which only a pointer was sent.", status.RecordsDeadLettered);
        metrics.Counter("edge_sync_gaps_announced_total", "Gap records sent.", status.GapsAnnounced);
        metrics.Gauge("edge_sync_backlog_records", "Records the centre has not confirmed.", status.BacklogRecords);
        metrics.Gauge("edge_sync_backlog_bytes", "Estimate of their size.", status.BacklogBytes);
        metrics.Gauge("edge_sync_in_flight_records", "Records sent and not confirmed yet.", status.RecordsInFlight);
        metrics.Counter("edge_sync_sessions_total", "Producers made; each failure costs one.", status.Sessions);
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}

/// <summary>Sensors in status and metrics.</summary>
internal sealed class SensorRoom(SensorHost sensors) : IHttpRoom
{
    public string Name => "sensors";

    public void WriteStatus(Utf8JsonWriter json)
    {
        IReadOnlyList<SensorStatus> status = sensors.Status;
        json.WriteNumber("configured"u8, status.Count);
        json.WriteNumber("healthy"u8, status.Count(static s => s.IsHealthy));
        json.WriteNumber("published"u8, status.Sum(static s => s.Published));
        json.WriteNumber("dropped"u8, status.Sum(static s => s.Dropped));
        (long carriedOut, long refused) = sensors.Commands;
        json.WriteNumber("commands"u8, carriedOut);
        json.WriteNumber("commandsRefused"u8, refused);
    }

    public void WriteMetrics(MetricsWriter metrics)
    {
        IReadOnlyList<SensorStatus> status = sensors.Status;
        foreach (SensorStatus s in status) metrics.Gauge("edge_sensor_healthy", "1 when the last reading was good.", s.IsHealthy ? 1 : 0, ("sensor", s.Name));
        foreach (SensorStatus s in status) metrics.Counter("edge_sensor_reads_total", "Times it gave readings.", s.Reads, ("sensor", s.Name));
        foreach (SensorStatus s in status) metrics.Counter("edge_sensor_faults_total", "Failed readings.", s.Faults, ("sensor", s.Name));
        foreach (SensorStatus s in status) metrics.Counter("edge_sensor_published_total", "Readings that are durable.", s.Published, ("sensor", s.Name));
        foreach (SensorStatus s in status) metrics.Counter("edge_sensor_dropped_total", "Readings replaced by newer ones before ingest took them.", s.Dropped, ("sensor", s.Name));
        foreach (SensorStatus s in status) metrics.Counter("edge_sensor_missed_total", "Intervals without a reading.", s.Missed, ("sensor", s.Name));
        foreach (SensorStatus s in status) metrics.Counter("edge_sensor_suppressed_total", "Values within their deadband, not published.", s.Suppressed, ("sensor", s.Name));
        foreach (SensorStatus s in status) metrics.Counter("edge_sensor_retried_total", "Readings taken again after a fault of the bus.", s.Retried, ("sensor", s.Name));
        IReadOnlyList<BusStatus> buses = sensors.Buses;
        foreach (BusStatus b in buses) metrics.Counter("edge_bus_failures_total", "Readings that failed on the bus.", b.Failures, ("bus", b.Name));
        foreach (BusStatus b in buses) metrics.Counter("edge_bus_recoveries_total", "Times a stuck bus was freed.", b.Recoveries, ("bus", b.Name));
        foreach (BusStatus b in buses) metrics.Counter("edge_bus_recoveries_failed_total", "Times a stuck bus could not be freed.", b.FailedRecoveries, ("bus", b.Name));
        metrics.Counter("edge_commands_total", "Commands to outputs, carried out.", sensors.Commands.CarriedOut);
        metrics.Counter("edge_commands_refused_total", "Commands to outputs, not carried out.", sensors.Commands.Refused);
    }
}

/// <summary>The catalog and the devices in status and metrics.</summary>
internal sealed class CatalogRoom(CatalogStore catalog, DeviceRegistry devices) : IHttpRoom
{
    public string Name => "catalog";

    public void WriteStatus(Utf8JsonWriter json)
    {
        CatalogStatistics statistics = catalog.Statistics;
        json.WriteNumber("devices"u8, devices.Known);
        json.WriteBoolean("following"u8, statistics.IsFollowing);
        json.WriteBoolean("inMemory"u8, statistics.IsInMemory);
        json.WriteNumber("waiting"u8, statistics.Waiting);
    }

    public void WriteMetrics(MetricsWriter metrics)
    {
        CatalogStatistics statistics = catalog.Statistics;
        metrics.Gauge("edge_devices", "Devices known.", devices.Known);
        metrics.Counter("edge_devices_dropped_total", "Sightings dropped because too many waited.", devices.Dropped);
        metrics.Counter("edge_devices_over_limit_total", "Sightings of devices beyond the bound.", devices.OverLimit);
        metrics.Counter("edge_devices_refused_total", "Sightings whose client id is empty or too long.", devices.Refused);
        metrics.Counter("edge_devices_failed_writes_total", "Writes of sightings the journal did not take.", devices.FailedWrites);
        metrics.Counter("edge_catalog_rebuilds_total", "Times the catalog was built anew.", statistics.Rebuilds);
        metrics.Gauge("edge_catalog_in_memory", "1 when no file can be used.", statistics.IsInMemory ? 1 : 0);
    }
}
