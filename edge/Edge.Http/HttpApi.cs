using Edge.Catalog;
using Edge.Http.Endpoints;
using Edge.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Http;

/// <summary>The HTTP interface: health, metrics, status, topics, records, sensors, devices. docs/reference/http.md.</summary>
public static class HttpApi
{
    /// <summary>Adds every endpoint.</summary>
    public static void Map(IEndpointRouteBuilder endpoints, HttpApiContext context)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(context);
        var guard = new RequestGuard(context.Options, context.Token);
        var (status, topics, records) = (new StatusEndpoints(context), new TopicEndpoints(context), new RecordEndpoints(context));
        Add("GET", "/healthz", status.HealthAsync);
        Add("GET", "/readyz", status.ReadyAsync);
        Add("GET", "/metrics", status.MetricsAsync);
        Add("GET", "/api/v1/status", status.StatusAsync);
        Add("GET", "/api/v1/sensors", status.SensorsAsync);
        Add("POST", "/api/v1/sensors/{name}/read", status.ReadSensorAsync);
        Add("GET", "/api/v1/devices", status.DevicesAsync);
        Add("POST", "/api/v1/sync/{action}", status.SyncAsync);
        Add("GET", "/api/v1/backup", new BackupEndpoints(context).BackupAsync);
        Add("GET", "/api/v1/topics", topics.ListAsync);
        Add("POST", "/api/v1/topics", topics.CreateAsync);
        Add("GET", "/api/v1/topics/{topic}", topics.DescribeAsync);
        Add("PATCH", "/api/v1/topics/{topic}", topics.AlterAsync);
        Add("DELETE", "/api/v1/topics/{topic}", topics.DeleteAsync);
        Add("GET", "/api/v1/topics/{topic}/records", records.ReadAsync);
        Add("POST", "/api/v1/topics/{topic}/records", records.WriteAsync);
        if (context.MqttWebSocket is { } webSocket) Add("GET", "/mqtt", webSocket);
        if (context.Users is { } store)
        {
            var users = new UserEndpoints(store);
            Add("GET", "/api/v1/users", users.ListAsync);
            Add("POST", "/api/v1/users", users.AddAsync);
            Add("DELETE", "/api/v1/users/{user}", users.RemoveAsync);
            Add("POST", "/api/v1/users/{user}/rules", users.AllowAsync);
            Add("DELETE", "/api/v1/users/{user}/rules", users.RevokeAsync);
        }
        endpoints.MapFallback("{**path}", http => GuardAsync(http, guard, static h => Responses.ProblemAsync(h, 404, "Not found", $"There is nothing at {h.Request.Path}.")));

        void Add(string method, string path, RequestDelegate handler)
        {
            string[] methods = method == "GET" ? ["GET", "HEAD"] : [method];
            endpoints.MapMethods(path, methods, http => GuardAsync(http, guard, handler));
        }
    }

    private static async Task GuardAsync(HttpContext http, RequestGuard guard, RequestDelegate handler)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            if (guard.Refuse(http.Request) is { } refused) await Responses.ProblemAsync(http, refused.Status, refused.Title, refused.Detail).ConfigureAwait(false);
            else await handler(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // the client left: nobody to tell
        }
        catch (Exception e) when (!http.Response.HasStarted && Problem(e) is { } problem)
        {
            http.Response.Clear();
            await Responses.ProblemAsync(http, problem.Status, problem.Title, problem.Message, problem.RetryAfter).ConfigureAwait(false);
        }
    }

    private static ProblemException? Problem(Exception e) => e switch
    {
        ProblemException problem => problem,
        BadHttpRequestException bad => new ProblemException(bad.StatusCode, bad.StatusCode == 413 ? "Too large" : "Bad request", bad.Message),
        CatalogUnavailableException => new ProblemException(503, "Catalog unavailable", e.Message) { RetryAfter = 1 },
        JournalFencedException => new ProblemException(503, "Read-only", e.Message),
        EdgeException edge => new ProblemException(503, "Unavailable", e.Message) { RetryAfter = edge.IsTransient ? 1 : null },
        _ => null,
    };
}
