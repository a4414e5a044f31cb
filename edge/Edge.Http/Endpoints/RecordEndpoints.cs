using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Edge.Http.Records;
using Edge.Ingest;
using Edge.Log;
using Edge.Log.Topics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Http.Endpoints;

/// <summary>Reading and writing records.</summary>
internal sealed class RecordEndpoints(HttpApiContext context)
{
    private const int MaxJsonBytes = 8 << 20, FlushBytes = 64 << 10;

    /// <summary>?partition=&amp;offset=&amp;time=&amp;limit=&amp;header=&amp;follow=: JSON, or NDJSON or CSV by Accept.</summary>
    public Task ReadAsync(HttpContext http)
    {
        Topic topic = TopicEndpoints.Find(context.Journal.Topics, http);
        if (topic.Name == "__catalog" && http.Request.Headers.Authorization.Count == 0) throw new ProblemException(403, "Secret topic", "'__catalog' holds the hashes of passwords; it is read with the token of run.json.");
        string accept = http.Request.Headers.Accept.ToString();
        bool csv = accept.Contains("text/csv", StringComparison.OrdinalIgnoreCase);
        bool lines = accept.Contains("ndjson", StringComparison.OrdinalIgnoreCase);
        RecordQuery query = RecordQuery.Parse(http, topic, streams: csv || lines);
        return csv || lines ? StreamAsync(http, query, csv) : DocumentAsync(http, query);
    }

    /// <summary>Answers once every record is durable: <c>{"records": [{"partition", "offset"}]}</c> in the order of the request.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        string name = (string)http.Request.RouteValues["topic"]!;
        if (http.Request.Headers.ContainsKey("Idempotency-Key"))
            throw new ProblemException(501, "Not in this version", "Idempotency-Key is not supported yet: a request that is sent again is stored again. Leave the header out if that is acceptable.");
        if (name.StartsWith("__", StringComparison.Ordinal)) throw new ProblemException(403, "Internal topic", $"'{name}' is internal: names that begin with __ belong to the appliance.");
        byte[] body = await BodyAsync(http).ConfigureAwait(false);
        bool isLines = http.Request.ContentType?.Contains("ndjson", StringComparison.OrdinalIgnoreCase) ?? false;
        List<IngestRecord> records = RecordInput.Parse(body, isLines, name, $"http/{http.Connection.RemoteIpAddress}");
        if (await context.Ingest.GetOrCreateTopicAsync(name, http.RequestAborted).ConfigureAwait(false) is null)
        {
            if (context.Journal.State != JournalState.Running) throw new ProblemException(503, "Read-only", StatusEndpoints.WhyNotRunning(context.Journal));
            throw TopicRegistry.IsValidName(name)
                ? ProblemException.NoTopic(name) : ProblemException.BadRequest($"topic is '{name}'; use 1 to 249 of A-Z a-z 0-9 . _ -, not . or ..");
        }
        // All are handed in before the first is waited for: one commit serves them all, and their order is that of the request.
        var submitted = new Task<IngestResult>[records.Count];
        for (int i = 0; i < submitted.Length; i++) submitted[i] = context.Ingest.SubmitAsync(records[i], CancellationToken.None).AsTask();
        IngestResult[] results = await Task.WhenAll(submitted).ConfigureAwait(false);
        IngestResult worst = results.FirstOrDefault(static r => r.Status != IngestStatus.Ok);
        if (worst.Status == IngestStatus.Ok) await Responses.JsonAsync(http, json => WriteResults(json, results)).ConfigureAwait(false);
        else await RefuseAsync(http, worst.Status, results).ConfigureAwait(false);
    }

    private async Task<byte[]> BodyAsync(HttpContext http)
    {
        int limit = context.Options.MaxBodyBytes;
        if (http.Request.ContentLength > limit) throw TooLarge(limit);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = limit;
        using var body = new MemoryStream((int)Math.Min(http.Request.ContentLength ?? 1024, limit));
        byte[] piece = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            int read;
            while ((read = await http.Request.Body.ReadAsync(piece, http.RequestAborted).ConfigureAwait(false)) > 0)
            {
                if (body.Length + read > limit) throw TooLarge(limit);
                body.Write(piece, 0, read);
            }
        }
        finally { ArrayPool<byte>.Shared.Return(piece); }
        return body.ToArray();
    }

    private static ProblemException TooLarge(int limit) => new(413, "Too large", $"The body is larger than Http:MaxBodyBytes ({limit}).");

    private Task RefuseAsync(HttpContext http, IngestStatus status, IngestResult[] results)
    {
        int stored = results.Count(static r => r.Status == IngestStatus.Ok);
        (int code, string title, string detail, int? retryAfter) = status switch
        {
            IngestStatus.TooLarge => (413, "Too large", $"A record is larger than Limits:MaxRecordBytes ({context.Ingest.Options.MaxRecordBytes}).", (int?)null),
            IngestStatus.Busy => (503, "Busy", "More is waiting to become durable than Ingest:MaxInFlightBytes allows.", 1),
            IngestStatus.LogFull => (507, "Disk full", "The disk's bound is reached and the topic refuses new records.", null),
            IngestStatus.InvalidTopic => (404, "No such topic", "The topic does not exist and cannot be made.", null),
            _ => (503, "Read-only", StatusEndpoints.WhyNotRunning(context.Journal), null),
        };
        return Responses.ProblemAsync(http, code, title, $"{detail} {stored} of {results.Length} records were stored.", retryAfter, json =>
        {
            json.WriteStartArray("records"u8);
            foreach (IngestResult result in results)
            {
                json.WriteStartObject();
                if (result.Status == IngestStatus.Ok) WriteWhere(json, result);
                else json.WriteString("error"u8, result.Status.ToString());
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    private static void WriteResults(Utf8JsonWriter json, IngestResult[] results)
    {
        json.WriteStartObject();
        json.WriteStartArray("records"u8);
        foreach (IngestResult result in results)
        {
            json.WriteStartObject();
            WriteWhere(json, result);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteWhere(Utf8JsonWriter json, IngestResult result)
    {
        json.WriteNumber("partition"u8, result.Partition);
        json.WriteNumber("offset"u8, result.Offset);
    }

    /// <summary>A document of at most 8 MiB; <c>next</c> says where each partition goes on.</summary>
    private static Task DocumentAsync(HttpContext http, RecordQuery query) => Responses.JsonAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("records"u8);
        long left = query.Limit;
        for (int i = 0; i < query.Cursors.Count; i++)
        {
            while (left > 0 && json.BytesCommitted + json.BytesPending < MaxJsonBytes && query.Cursors[i].Take(query.Ends[i]) is { } record)
            {
                if (!query.Wants(record)) continue;
                RecordFormat.Write(json, record);
                left--;
            }
        }
        json.WriteEndArray();
        json.WriteStartObject("next"u8);
        foreach (PartitionCursor cursor in query.Cursors) json.WriteNumber(cursor.Partition.Index.ToString(System.Globalization.CultureInfo.InvariantCulture), cursor.Next);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private async Task StreamAsync(HttpContext http, RecordQuery query, bool csv)
    {
        http.Response.ContentType = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        if (HttpMethods.IsHead(http.Request.Method)) return;
        PipeWriter output = http.Response.BodyWriter;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, context.Stopping);
        using var json = new Utf8JsonWriter(output, Responses.Json);
        if (csv) Text(output, RecordFormat.CsvHead);
        await output.FlushAsync(stop.Token).ConfigureAwait(false); // headers: a follower sees that it is connected
        long left = query.Limit;
        try
        {
            while (left > 0)
            {
                for (int i = 0; i < query.Cursors.Count && left > 0; i++)
                {
                    while (left > 0 && query.Cursors[i].Take(query.Follow ? long.MaxValue : query.Ends[i]) is { } record)
                    {
                        if (!query.Wants(record)) continue;
                        Write(output, json, csv, record);
                        left--;
                        if (output.UnflushedBytes > FlushBytes && (await output.FlushAsync(stop.Token).ConfigureAwait(false)).IsCompleted) return;
                    }
                }
                if ((await output.FlushAsync(stop.Token).ConfigureAwait(false)).IsCompleted || !query.Follow || left == 0) return;
                await WaitAsync(query.Cursors, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the client left or the appliance stops: the response ends here
        }
    }

    private static void Write(PipeWriter output, Utf8JsonWriter json, bool csv, StoredRecord record)
    {
        if (csv)
        {
            Text(output, RecordFormat.Csv(record));
            return;
        }
        RecordFormat.Write(json, record);
        json.Flush();
        json.Reset();
        Text(output, "\n");
    }

    /// <summary>Until one of the partitions has more.</summary>
    private static async Task WaitAsync(List<PartitionCursor> cursors, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] waits = [.. cursors.Select(c => c.Partition.WaitForDataAsync(c.Next, enough.Token).AsTask())];
        await Task.WhenAny(waits).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        try { await Task.WhenAll(waits).ConfigureAwait(false); }
        catch (OperationCanceledException) { cancellationToken.ThrowIfCancellationRequested(); }
    }

    private static void Text(PipeWriter output, string text) => Encoding.UTF8.GetBytes(text, output);
}
