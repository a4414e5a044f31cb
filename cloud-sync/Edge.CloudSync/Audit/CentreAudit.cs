using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Edge.CloudSync.Centre;
using Edge.CloudSync.Provenance;

namespace Edge.CloudSync.Audit;

/// <summary>Proves at the centre what arrived: follows the chains of <c>edge.id</c> through a data topic, <c>edge.gaps</c> and <c>edge.deadletter</c>.</summary>
public static class CentreAudit
{
    /// <summary>Reads everything there as of now. The gap records and dead letters are read last, so that what they explain is never called lost.</summary>
    /// <exception cref="AuditException">The centre cannot be reached or read, or has no such topic.</exception>
    public static Task<AuditReport> RunAsync(AuditOptions options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        return Task.Factory.StartNew(() => Run(options, timeProvider, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static AuditReport Run(AuditOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp(), records = 0, withoutId = 0;
        byte[]? device = options.Device is null ? null : Encoding.UTF8.GetBytes(options.Device);
        var chains = new ChainTable();
        using var reader = NewReader(options);
        bool exists = reader.Read(options.Topic, result =>
        {
            records++;
            if (!TryGetId(result, out EdgeIdView id)) withoutId++;
            else if (device is null || id.Device.SequenceEqual(device)) chains.Of(id.Chain).Add(id.Offset, id.Previous, result.Partition.Value);
        }, cancellationToken);
        if (!exists) throw new AuditException($"The centre has no topic '{options.Topic}'.", isTransient: false);
        IReadOnlyCollection<int> trimmed = reader.Trimmed;
        byte[] topic = Encoding.UTF8.GetBytes(options.Topic);
        reader.Read(CentralTopics.DeadLetter, result =>
        {
            if (!TryGetId(result, out EdgeIdView id) || device is not null && !id.Device.SequenceEqual(device)) return;
            bool isOurs = result.Message.Headers.TryGetLastBytes("edge.topic", out byte[] meantFor) && meantFor.AsSpan().SequenceEqual(topic);
            if (isOurs) chains.Of(id.Chain).AddPointer(id.Offset, id.Previous);
        }, cancellationToken);
        reader.Read(CentralTopics.Gaps, result =>
        {
            if (result.Message.Value is { } value) AddGap(chains, value, options.Device);
        }, cancellationToken);
        IReadOnlyList<ChainExpectation> expected = options.Device is null ? options.Expected : [.. options.Expected.Where(chain => chain.Device == options.Device)];
        return new AuditReport(options.Topic, chains.Finish(trimmed, expected), records, withoutId, trimmed.Count, time.GetElapsedTime(start));
    }

    /// <exception cref="AuditException">A client property is refused.</exception>
    internal static TopicReader NewReader(AuditOptions options)
    {
        try
        {
            return new TopicReader(options);
        }
        catch (InvalidOperationException e)
        {
            throw new AuditException($"The client properties are refused: {e.Message}", isTransient: false, e);
        }
    }

    private static bool TryGetId(ConsumeResult<Ignore, byte[]?> result, out EdgeIdView id)
    {
        id = default;
        return result.Message.Headers is { } headers && headers.TryGetLastBytes(EdgeIdView.HeaderName, out byte[] text) && text is not null && EdgeIdView.TryParse(text, out id);
    }

    /// <summary>What is not a gap record is passed over: anyone may write to a topic.</summary>
    private static void AddGap(ChainTable chains, byte[] value, string? onlyDevice)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(value);
            JsonElement gap = document.RootElement;
            string device = gap.GetProperty("device").GetString() ?? "", log = gap.GetProperty("log").GetString() ?? "", topic = gap.GetProperty("topic").GetString() ?? "";
            if (onlyDevice is not null && device != onlyDevice) return;
            if ((device + log + topic).Contains('/', StringComparison.Ordinal)) return;
            chains.Of(device, log, topic, gap.GetProperty("partition").GetInt32())
                .AddGap(new AuditGap(gap.GetProperty("from").GetInt64(), gap.GetProperty("to").GetInt64(), gap.GetProperty("count").GetInt64(), gap.GetProperty("reason").GetString() ?? ""));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
        }
    }
}
