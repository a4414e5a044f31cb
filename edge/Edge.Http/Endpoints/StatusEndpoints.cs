using System.Globalization;
using Edge.Catalog;
using Edge.Log;
using Edge.Log.Topics;
using Microsoft.AspNetCore.Http;

namespace Edge.Http.Endpoints;

/// <summary>Health, readiness, metrics, status, sensors, devices, pausing the uplink.</summary>
internal sealed class StatusEndpoints(HttpApiContext context)
{
    /// <summary>200 while the process does its work; 503 when the journal is read-only.</summary>
    public Task HealthAsync(HttpContext http) => context.Journal.State == JournalState.ReadOnly
        ? Responses.ProblemAsync(http, 503, "Not healthy", WhyNotRunning(context.Journal))
        : Responses.JsonAsync(http, static json =>
        {
            json.WriteStartObject();
            json.WriteString("status"u8, "ok");
            json.WriteEndObject();
        });

    /// <summary>200 when a publish would be acknowledged.</summary>
    public Task ReadyAsync(HttpContext http) => context.NotReady() is { } reason
        ? Responses.ProblemAsync(http, 503, "Not ready", reason, retryAfter: 1)
        : Responses.JsonAsync(http, static json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("ready"u8, true);
            json.WriteEndObject();
        });

    public Task StatusAsync(HttpContext http) => Responses.JsonAsync(http, json =>
    {
        Journal journal = context.Journal;
        string? notReady = context.NotReady();
        json.WriteStartObject();
        json.WriteString("device"u8, journal.DeviceId);
        json.WriteString("log"u8, journal.LogId);
        json.WriteNumber("epoch"u8, journal.Epoch);
        json.WriteString("version"u8, context.Version);
        json.WriteString("state"u8, StateName(journal.State));
        json.WriteBoolean("ready"u8, notReady is null);
        if (notReady is not null) json.WriteString("notReady"u8, notReady);
        json.WriteString("started"u8, context.Started.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteNumber("uptimeSeconds"u8, (long)(context.TimeProvider.GetUtcNow() - context.Started).TotalSeconds);
        json.WriteNumber("residentBytes"u8, Environment.WorkingSet);
        JournalStatistics statistics = journal.Statistics;
        json.WriteStartObject("journal"u8);
        json.WriteNumber("records"u8, statistics.Records);
        json.WriteNumber("batches"u8, statistics.Batches);
        json.WriteNumber("commits"u8, statistics.Commits);
        json.WriteNumber("payloadBytes"u8, statistics.PayloadBytes);
        json.WriteNumber("writtenBytes"u8, statistics.WrittenBytes);
        json.WriteNumber("segments"u8, statistics.Segments);
        json.WriteNumber("storedBytes"u8, statistics.StoredBytes);
        json.WriteNumber("droppedByRetention"u8, statistics.DroppedByRetention);
        if (journal.Fault is { } fault) json.WriteString("fault"u8, fault.Message);
        json.WriteEndObject();
        json.WriteStartObject("ingest"u8);
        json.WriteNumber("inFlightBytes"u8, context.Ingest.InFlightBytes);
        json.WriteNumber("maxInFlightBytes"u8, context.Ingest.Options.MaxInFlightBytes);
        json.WriteEndObject();
        foreach (IHttpRoom room in context.Rooms)
        {
            json.WriteStartObject(room.Name);
            room.WriteStatus(json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });

    public Task MetricsAsync(HttpContext http)
    {
        var metrics = new MetricsWriter();
        JournalStatistics statistics = context.Journal.Statistics;
        metrics.Gauge("edge_info", "The appliance.", 1, ("device", context.Journal.DeviceId), ("log", context.Journal.LogId), ("version", context.Version));
        metrics.Gauge("edge_ready", "1 when a publish would be acknowledged.", context.NotReady() is null ? 1 : 0);
        metrics.Gauge("edge_journal_read_only", "1 when the journal cannot be written any more.", context.Journal.State == JournalState.ReadOnly ? 1 : 0);
        metrics.Gauge("process_resident_memory_bytes", "Memory of the process.", Environment.WorkingSet);
        metrics.Gauge("process_start_time_seconds", "Start of the process, Unix epoch.", context.Started.ToUnixTimeMilliseconds() / 1000.0);
        metrics.Counter("edge_journal_records_total", "Records made durable.", statistics.Records);
        metrics.Counter("edge_journal_batches_total", "Batches made durable.", statistics.Batches);
        metrics.Counter("edge_journal_commits_total", "Group commits, one fdatasync each.", statistics.Commits);
        metrics.Counter("edge_journal_payload_bytes_total", "Bytes of appended batches.", statistics.PayloadBytes);
        metrics.Counter("edge_journal_written_bytes_total", "Bytes written to segment files.", statistics.WrittenBytes);
        metrics.Gauge("edge_journal_segments", "Segment files.", statistics.Segments);
        metrics.Gauge("edge_journal_stored_bytes", "Size of all segment files.", statistics.StoredBytes);
        metrics.Counter("edge_journal_retention_dropped_records_total", "Records removed by retention.", statistics.DroppedByRetention);
        metrics.Gauge("edge_ingest_in_flight_bytes", "Bytes taken and not yet durable.", context.Ingest.InFlightBytes);
        Partition[] partitions = [.. context.Journal.Topics.All.Where(static t => !t.IsInternal && !t.IsDeleted).OrderBy(static t => t.Name, StringComparer.Ordinal).SelectMany(static t => t.Partitions).Take(2000)];
        foreach (Partition p in partitions) metrics.Gauge("edge_partition_high_watermark", "Durable end of the partition.", p.HighWatermark, Labels(p));
        foreach (Partition p in partitions) metrics.Gauge("edge_partition_log_start_offset", "First offset still there.", p.LogStartOffset, Labels(p));
        foreach (IHttpRoom room in context.Rooms) room.WriteMetrics(metrics);
        return Responses.TextAsync(http, metrics.ToString(), contentType: "text/plain; version=0.0.4; charset=utf-8");
    }

    public Task SensorsAsync(HttpContext http) => Responses.JsonAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("sensors"u8);
        context.WriteSensors(json);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public async Task ReadSensorAsync(HttpContext http)
    {
        string name = (string)http.Request.RouteValues["name"]!;
        var body = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var readings = new System.Text.Json.Utf8JsonWriter(body, Responses.Json);
        try { await context.ReadSensorAsync(name, readings, http.RequestAborted).ConfigureAwait(false); }
        catch (KeyNotFoundException e) { throw new ProblemException(404, "No such sensor", e.Message); }
        await readings.FlushAsync(http.RequestAborted).ConfigureAwait(false);
        await Responses.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("sensor"u8, name);
            json.WritePropertyName("readings"u8);
            json.WriteRawValue(body.WrittenSpan);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>?after=CLIENT&amp;limit=N: a page of the devices seen, by client id.</summary>
    public Task DevicesAsync(HttpContext http)
    {
        string? after = http.Request.Query["after"];
        int limit = (int)Query.Number(http, "limit", 1000, 1, 10_000);
        IReadOnlyList<CatalogDevice> devices = context.Catalog.Devices(after, limit);
        return Responses.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("devices"u8);
            foreach (CatalogDevice device in devices)
            {
                json.WriteStartObject();
                json.WriteString("client"u8, device.ClientId);
                json.WriteString("firstSeen"u8, device.FirstSeen.UtcDateTime);
                json.WriteString("lastSeen"u8, device.LastSeen.UtcDateTime);
                json.WriteString("user"u8, device.User);
                json.WriteString("address"u8, device.Address);
                json.WriteNumber("connects"u8, device.Connects);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (devices.Count == limit) json.WriteString("next"u8, devices[^1].ClientId);
            json.WriteEndObject();
        });
    }

    public Task SyncAsync(HttpContext http)
    {
        string action = (string)http.Request.RouteValues["action"]!;
        if (action is not ("pause" or "resume" or "adopt")) throw new ProblemException(404, "Not found", $"'{action}' is nothing the uplink can do; use pause, resume or adopt.");
        if (action == "adopt")
        {
            if (!context.AdoptSync()) throw new ProblemException(409, "Nothing to adopt", "Forwarding is not halted: there is nobody to dispute the device with.");
            return Responses.JsonAsync(http, static json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("adopted"u8, true);
                json.WriteEndObject();
            });
        }
        context.PauseSync(action == "pause");
        return Responses.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("paused"u8, action == "pause");
            json.WriteEndObject();
        });
    }

    /// <summary>A sentence; only asked when the journal does not run.</summary>
    public static string WhyNotRunning(Journal journal) => journal.Fault?.Message ?? "The journal is stopped.";

    private static (string, string)[] Labels(Partition p) => [("topic", p.Topic.Name), ("partition", p.Index.ToString(CultureInfo.InvariantCulture))];

    private static string StateName(JournalState state) => state switch { JournalState.Running => "running", JournalState.ReadOnly => "read-only", _ => "stopped" };
}
