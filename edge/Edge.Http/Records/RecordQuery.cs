using System.Globalization;
using System.Text;
using Edge.Http.Endpoints;
using Edge.Log.Records;
using Edge.Log.Topics;
using Microsoft.AspNetCore.Http;

namespace Edge.Http.Records;

/// <summary>What a GET of records asks for.</summary>
internal sealed class RecordQuery
{
    public const int DefaultLimit = 100, MaxJsonLimit = 10_000;

    private readonly List<(string Name, byte[]? Value)> _headers = [];

    private RecordQuery(List<PartitionCursor> cursors, List<long> ends) => (Cursors, Ends) = (cursors, ends);

    public List<PartitionCursor> Cursors { get; }

    /// <summary>Durable end of each partition when the request came; where a request that does not follow ends.</summary>
    public List<long> Ends { get; }
    public long Limit { get; private init; }
    public bool Follow { get; private init; }

    /// <param name="streams">NDJSON and CSV go out as they are read: without a limit unless one is given.</param>
    public static RecordQuery Parse(HttpContext http, Topic topic, bool streams)
    {
        IReadOnlyList<Partition> partitions = topic.Partitions;
        long only = Query.Number(http, "partition", -1, 0, partitions.Count - 1);
        if (only >= 0) partitions = [partitions[(int)only]];
        long? time = Query.Time(http, "time");
        string? offset = http.Request.Query["offset"];
        if (time is not null && !string.IsNullOrEmpty(offset)) throw ProblemException.BadRequest("offset and time are both given; give one.");
        var cursors = new List<PartitionCursor>();
        var ends = new List<long>();
        foreach (Partition partition in partitions)
        {
            ends.Add(partition.HighWatermark);
            cursors.Add(new PartitionCursor(partition, Start(partition, offset, time)));
        }
        var query = new RecordQuery(cursors, ends)
        {
            Limit = streams ? Query.Number(http, "limit", long.MaxValue, 1, long.MaxValue) : Query.Number(http, "limit", DefaultLimit, 1, MaxJsonLimit),
            Follow = Query.Flag(http, "follow"),
        };
        if (query.Follow && !streams) throw ProblemException.BadRequest("follow needs Accept: application/x-ndjson or text/csv.");
        foreach (string? header in http.Request.Query["header"])
        {
            if (string.IsNullOrEmpty(header)) continue;
            int equals = header.IndexOf('=', StringComparison.Ordinal);
            query._headers.Add(equals < 0 ? (header, null) : (header[..equals], Encoding.UTF8.GetBytes(header[(equals + 1)..])));
        }
        return query;
    }

    /// <summary>True when the record has every header that is asked for.</summary>
    public bool Wants(StoredRecord record)
    {
        foreach ((string name, byte[]? value) in _headers)
        {
            bool found = false;
            foreach (RecordHeader header in record.Headers)
                found |= header.Name == name && (value is null || header.Value is not null && header.Value.AsSpan().SequenceEqual(value));
            if (!found) return false;
        }
        return true;
    }

    private static long Start(Partition partition, string? offset, long? time)
    {
        long start = partition.LogStartOffset, end = partition.HighWatermark;
        if (time is { } ms) return partition.TryFindOffset(ms, out long found, out _) ? found : end;
        if (string.IsNullOrEmpty(offset) || offset == "earliest") return start;
        if (offset == "latest") return end;
        if (!long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            throw ProblemException.BadRequest($"offset is '{offset}'; use earliest, latest or a number.");
        return number >= start && number <= end ? number
            : throw new ProblemException(416, "Offset out of range", $"offset is {number}; partition {partition.Index} of '{partition.Topic.Name}' holds {start} to {end}.");
    }
}
