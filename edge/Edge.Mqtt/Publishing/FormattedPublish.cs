using System.Globalization;
using System.Text;
using Edge.Ingest;
using Edge.Ingest.Payloads;
using Edge.Ingest.Routing;
using Edge.Log.Records;

namespace Edge.Mqtt.Publishing;

/// <summary>A message whose route looks into the payload: its records go into one commit group, or, when it is not what the route says, as it is and flagged.</summary>
internal static class FormattedPublish
{
    // A pack names its base once and every record carries it: what it becomes is bounded.
    private const int MaxSplitBytes = 1 << 20;

    public static IngestStatus Add(RouteTable routes, Gather gather, RouteTarget target, PayloadFormat format, string mqttTopic, ReadOnlySpan<byte> payload, long nowMs,
        int headerCount, ReadOnlySpan<byte> headers)
    {
        List<PayloadRecord> records = [];
        string? reason = format.TrySplit(mqttTopic, payload, nowMs, records);
        if (reason is null && records.Sum(record => (long)record.Value.Length + (record.Key?.Length ?? 0)) + ((long)records.Count * (headers.Length + 64)) > MaxSplitBytes)
            reason = "larger than 1 MiB when split";
        if (reason is not null)
        {
            byte[] flagged = [.. headers, .. Header(PayloadFormat.UnparsedHeader, Encoding.UTF8.GetBytes(reason))];
            IngestStatus kept = gather.TryAdd(target.Partition, nowMs, target.HasKey, target.Key, true, payload, headerCount + 1, flagged);
            if (kept == IngestStatus.Ok) routes.AddUnparsed();
            return kept;
        }
        for (int i = 0; i < records.Count; i++)
        {
            PayloadRecord record = records[i];
            byte[] key = record.Key ?? target.Key;
            Edge.Log.Topics.Partition partition = record.Key is null ? target.Partition : target.PartitionFor(key);
            long timestampMs = record.TimestampMs ?? nowMs;
            bool isFuture = timestampMs > nowMs;
            // As for every source: a time in the future is kept in a header and does not hold retention up.
            ReadOnlySpan<byte> own = isFuture ? [.. headers, .. Header("edge.time", Encoding.ASCII.GetBytes(timestampMs.ToString(CultureInfo.InvariantCulture)))] : headers;
            int count = headerCount + (isFuture ? 1 : 0);
            IngestStatus status = i == 0
                ? gather.TryAdd(partition, Math.Min(timestampMs, nowMs), key.Length > 0, key, true, record.Value, count, own)
                : gather.TryAddNext(partition, Math.Min(timestampMs, nowMs), key.Length > 0, key, record.Value, count, own);
            if (status != IngestStatus.Ok) return status;
        }
        return IngestStatus.Ok;
    }

    private static byte[] Header(string name, byte[] value) => RecordHeaders.Encode([new RecordHeader(name, value)]);
}
