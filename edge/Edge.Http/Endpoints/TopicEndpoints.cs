using System.Globalization;
using System.Text.Json;
using Edge.Log.Topics;
using Microsoft.AspNetCore.Http;

namespace Edge.Http.Endpoints;

/// <summary>Topics: list, create, describe, alter, delete.</summary>
internal sealed class TopicEndpoints(HttpApiContext context)
{
    private TopicRegistry Topics => context.Journal.Topics;

    /// <summary>?internal=true shows internal topics as well.</summary>
    public Task ListAsync(HttpContext http)
    {
        bool withInternal = Query.Flag(http, "internal");
        Topic[] topics = [.. Topics.All.Where(t => !t.IsDeleted && (withInternal || !t.IsInternal)).OrderBy(static t => t.Name, StringComparer.Ordinal)];
        return Responses.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("topics"u8);
            foreach (Topic topic in topics) Write(json, topic);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public Task DescribeAsync(HttpContext http)
    {
        Topic topic = Find(http);
        return Responses.JsonAsync(http, json => Write(json, topic));
    }

    /// <summary><c>{"name", "partitions", "config": {"retention.ms": …}}</c></summary>
    public async Task CreateAsync(HttpContext http)
    {
        using JsonDocument body = await ReadAsync(http).ConfigureAwait(false);
        string name = body.RootElement.TryGetProperty("name", out JsonElement given) && given.ValueKind == JsonValueKind.String
            ? given.GetString()! : throw ProblemException.BadRequest("name is missing; give the topic's name as text.");
        RefuseInternal(name);
        int partitions = Partitions(body.RootElement) ?? context.Ingest.Options.DefaultPartitions;
        TopicConfig config = TopicSettings.Apply(context.Ingest.Options.TopicDefaults, body.RootElement);
        Topic topic = Check(await Topics.CreateAsync(name, partitions, config).ConfigureAwait(false), name);
        await Responses.JsonAsync(http, json => Write(json, topic), status: 201).ConfigureAwait(false);
    }

    /// <summary><c>{"partitions", "config": {…}}</c>: what is not given stays.</summary>
    public async Task AlterAsync(HttpContext http)
    {
        Topic topic = Find(http);
        RefuseInternal(topic.Name);
        using JsonDocument body = await ReadAsync(http).ConfigureAwait(false);
        TopicConfig config = TopicSettings.Apply(topic.Config, body.RootElement);
        if (Partitions(body.RootElement) is { } partitions && partitions != topic.Partitions.Count)
        {
            if (partitions < topic.Partitions.Count) throw ProblemException.BadRequest($"partitions is {partitions}; '{topic.Name}' has {topic.Partitions.Count} and they cannot become fewer.");
            Check(await Topics.AddPartitionsAsync(topic.Name, partitions).ConfigureAwait(false), topic.Name);
        }
        if (config != topic.Config) topic = Check(await Topics.AlterAsync(topic.Name, config).ConfigureAwait(false), topic.Name);
        await Responses.JsonAsync(http, json => Write(json, topic)).ConfigureAwait(false);
    }

    public async Task DeleteAsync(HttpContext http)
    {
        Topic topic = Find(http);
        RefuseInternal(topic.Name);
        TopicChange change = await Topics.DeleteAsync(topic.Name).ConfigureAwait(false);
        if (change.Status != TopicChangeStatus.Ok) Check(change, topic.Name); // a deleted topic may come back without itself
        http.Response.StatusCode = 204;
    }

    public static Topic Find(TopicRegistry topics, HttpContext http)
    {
        string name = (string)http.Request.RouteValues["topic"]!;
        return topics.TryGet(name, out Topic topic) && !topic.IsDeleted ? topic : throw ProblemException.NoTopic(name);
    }

    private Topic Find(HttpContext http) => Find(Topics, http);

    internal static void Write(Utf8JsonWriter json, Topic topic)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, topic.Name);
        json.WriteBoolean("internal"u8, topic.IsInternal);
        json.WriteNumber("records"u8, topic.Partitions.Sum(static p => p.HighWatermark - p.LogStartOffset));
        json.WriteStartArray("partitions"u8);
        foreach (Partition partition in topic.Partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("partition"u8, partition.Index);
            json.WriteNumber("logStartOffset"u8, partition.LogStartOffset);
            json.WriteNumber("highWatermark"u8, partition.HighWatermark);
            json.WriteNumber("logEndOffset"u8, partition.LogEndOffset);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("config"u8);
        foreach ((string name, string value) in TopicSettings.Read(topic.Config)) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static Topic Check(TopicChange change, string name) => change.Status switch
    {
        TopicChangeStatus.Ok when change.Topic is { } topic => topic,
        TopicChangeStatus.Ok or TopicChangeStatus.NotFound => throw ProblemException.NoTopic(name),
        TopicChangeStatus.AlreadyExists => throw new ProblemException(409, "Topic exists", $"There is a topic '{name}' already."),
        TopicChangeStatus.InvalidName => throw ProblemException.BadRequest($"name is '{name}'; use 1 to 249 of A-Z a-z 0-9 . _ -, not . or .."),
        TopicChangeStatus.InvalidPartitions => throw ProblemException.BadRequest($"partitions: {change.Reason ?? "not allowed"}."),
        TopicChangeStatus.InvalidConfig => throw ProblemException.BadRequest($"config: {change.Reason ?? "not allowed"}."),
        TopicChangeStatus.NotForwarded => throw new ProblemException(409, "Not forwarded", change.Reason ?? "The topic has records that were not forwarded yet."),
        TopicChangeStatus.LimitReached => throw new ProblemException(409, "Too many", change.Reason ?? "There are as many partitions as allowed."),
        _ => throw new ProblemException(503, "Not changed", change.Reason ?? "The journal did not take the change."),
    };

    private static int? Partitions(JsonElement body)
    {
        if (!body.TryGetProperty("partitions", out JsonElement given) || given.ValueKind == JsonValueKind.Null) return null;
        return given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out int count) && count is >= 1 and <= 10_000
            ? count : throw ProblemException.BadRequest($"partitions is {given.GetRawText()}; use 1 to 10000.");
    }

    private static void RefuseInternal(string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal)) throw new ProblemException(403, "Internal topic", $"'{name}' is internal: names that begin with __ belong to the appliance.");
    }

    private static async Task<JsonDocument> ReadAsync(HttpContext http)
    {
        try
        {
            JsonDocument document = await JsonDocument.ParseAsync(http.Request.Body, new JsonDocumentOptions { MaxDepth = 16 }, http.RequestAborted).ConfigureAwait(false);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw ProblemException.BadRequest("The body is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw ProblemException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"The body is not JSON, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}."));
        }
    }
}
