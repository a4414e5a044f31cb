using System.Text.Json;
using Edge.Kafka.Groups;

namespace Edge.Kafka.Transactions;

/// <summary>One transactional id as the internal table <c>__transactions</c> holds it: JSON, key = the id. Immutable.</summary>
/// <param name="LastEpoch">Epoch before the last bump when its holder asked for that bump, so that a lost answer can be given again; else -1.</param>
/// <param name="LastProducerId">The id that went with <paramref name="LastEpoch"/>.</param>
/// <param name="Partitions">Of the open transaction; empty when none is open.</param>
/// <param name="Groups">Consumer groups whose offsets the open transaction may commit.</param>
/// <param name="UpdatedMs">Unix epoch, UTC, of the last change. For people and for choosing what to forget, never for a time-out: the clock may be wrong.</param>
internal sealed record TransactionMetadata(
    long ProducerId, short Epoch, long LastProducerId, short LastEpoch, int TimeoutMs, TransactionState State,
    IReadOnlyList<TopicPartition> Partitions, IReadOnlyList<string> Groups, IReadOnlyList<PendingOffset> Offsets, long StartedMs, long UpdatedMs)
{
    private const int Version = 1;

    public static TransactionMetadata Begin(long producerId, int timeoutMs, long nowMs) =>
        new(producerId, 0, -1, -1, timeoutMs, TransactionState.Empty, [], [], [], -1, nowMs);

    /// <summary>The same id with no transaction open.</summary>
    public TransactionMetadata Ended(TransactionState state, long nowMs) =>
        this with { State = state, Partitions = [], Groups = [], Offsets = [], StartedMs = -1, UpdatedMs = nowMs };

    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteNumber("producerId", ProducerId);
            json.WriteNumber("epoch", Epoch);
            json.WriteNumber("lastProducerId", LastProducerId);
            json.WriteNumber("lastEpoch", LastEpoch);
            json.WriteNumber("timeoutMs", TimeoutMs);
            json.WriteNumber("state", (int)State);
            json.WriteNumber("startedMs", StartedMs);
            json.WriteNumber("updatedMs", UpdatedMs);
            json.WriteStartArray("partitions");
            foreach (TopicPartition partition in Partitions)
            {
                json.WriteStartArray();
                json.WriteStringValue(partition.Topic);
                json.WriteNumberValue(partition.Index);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteStartArray("groups");
            foreach (string group in Groups) json.WriteStringValue(group);
            json.WriteEndArray();
            json.WriteStartArray("offsets");
            foreach (PendingOffset offset in Offsets)
            {
                json.WriteStartArray();
                json.WriteStringValue(offset.Key.ToString());
                json.WriteNumberValue(offset.Offset);
                json.WriteNumberValue(offset.LeaderEpoch);
                json.WriteStringValue(offset.Metadata);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>False: written by a newer version, or damaged.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, out TransactionMetadata metadata)
    {
        metadata = null!;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != Version) return false;
            metadata = new(
                root.GetProperty("producerId").GetInt64(), root.GetProperty("epoch").GetInt16(),
                root.GetProperty("lastProducerId").GetInt64(), root.GetProperty("lastEpoch").GetInt16(),
                root.GetProperty("timeoutMs").GetInt32(), (TransactionState)root.GetProperty("state").GetInt32(),
                [.. root.GetProperty("partitions").EnumerateArray().Select(p => new TopicPartition(p[0].GetString()!, p[1].GetInt32()))],
                [.. root.GetProperty("groups").EnumerateArray().Select(g => g.GetString()!)],
                [.. root.GetProperty("offsets").EnumerateArray().Select(ParseOffset)],
                root.GetProperty("startedMs").GetInt64(), root.GetProperty("updatedMs").GetInt64());
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            return false;
        }
    }

    private static PendingOffset ParseOffset(JsonElement element) =>
        OffsetKey.TryParse(element[0].GetString()!, out OffsetKey key)
            ? new(key, element[1].GetInt64(), element[2].GetInt32(), element[3].GetString()!)
            : throw new FormatException("an offset's key is malformed");
}
