using System.Net.Http.Headers;
using System.Text.Json;

namespace Edge.Host.Demo;

/// <summary>A partition of the appliance as the demo shows it.</summary>
/// <param name="Next">First offset the centre has not confirmed; null when it is not forwarded yet.</param>
internal sealed record DemoPartition(string Topic, int Partition, long LogStartOffset, long LogEndOffset, long? Next);

/// <summary>What the appliance says about itself, read over its HTTP interface.</summary>
internal sealed record DemoStatus(string Device, string Log, string SyncState, string? SyncError, IReadOnlyList<DemoPartition> Partitions)
{
    /// <summary>Records in the data topics, since the topics exist.</summary>
    public long Records => Partitions.Sum(static p => p.LogEndOffset);

    /// <summary>Those of them that the centre confirmed.</summary>
    public long Forwarded => Partitions.Sum(static p => Math.Min(p.Next ?? 0, p.LogEndOffset));

    /// <summary>Records the centre has not confirmed, partitions it does not know yet included.</summary>
    public long Backlog => Partitions.Sum(static p => p.LogEndOffset - Math.Max(p.Next ?? p.LogStartOffset, p.LogStartOffset));

    /// <summary>Null when the appliance does not answer.</summary>
    public static async Task<DemoStatus?> TryReadAsync(HttpClient http, int port, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument status = await GetAsync(http, $"http://127.0.0.1:{port}/api/v1/status", cancellationToken).ConfigureAwait(false);
            using JsonDocument topics = await GetAsync(http, $"http://127.0.0.1:{port}/api/v1/topics", cancellationToken).ConfigureAwait(false);
            JsonElement sync = status.RootElement.GetProperty("sync");
            var next = new Dictionary<(string, int), long>();
            foreach (JsonElement p in sync.GetProperty("partitions").EnumerateArray())
                next[(p.GetProperty("topic").GetString()!, p.GetProperty("partition").GetInt32())] = p.GetProperty("next").GetInt64();
            var partitions = new List<DemoPartition>();
            foreach (JsonElement topic in topics.RootElement.GetProperty("topics").EnumerateArray())
            {
                string name = topic.GetProperty("name").GetString()!;
                if (name.StartsWith("__", StringComparison.Ordinal)) continue;
                foreach (JsonElement p in topic.GetProperty("partitions").EnumerateArray())
                {
                    int index = p.GetProperty("partition").GetInt32();
                    partitions.Add(new DemoPartition(name, index, p.GetProperty("logStartOffset").GetInt64(), p.GetProperty("logEndOffset").GetInt64(),
                        next.TryGetValue((name, index), out long confirmed) ? confirmed : null));
                }
            }
            partitions.Sort(static (a, b) => string.CompareOrdinal(a.Topic, b.Topic) is not 0 and int order ? order : a.Partition.CompareTo(b.Partition));
            return new DemoStatus(status.RootElement.GetProperty("device").GetString()!, status.RootElement.GetProperty("log").GetString()!, sync.GetProperty("state").GetString()!,
                sync.TryGetProperty("lastError", out JsonElement error) ? error.GetString() : null, partitions);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task<JsonDocument> GetAsync(HttpClient http, string url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
