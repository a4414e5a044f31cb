using System.Text.Json;
using Edge.Log.Topics;

namespace Edge.Log.State;

/// <summary>A topic as the internal table <c>__topics</c> holds it: JSON, key = the topic's name.</summary>
/// <param name="PartitionIds">Journal-wide id per partition.</param>
/// <param name="StartOffsets">Offset at which each partition begins: above 0 when an earlier topic of that name was deleted.</param>
internal sealed record TopicEntry(Guid Id, int[] PartitionIds, long[] StartOffsets, TopicConfig Config, bool IsDeleted)
{
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", Id);
            json.WriteStartArray("partitions");
            foreach (int id in PartitionIds) json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("starts");
            foreach (long offset in StartOffsets) json.WriteNumberValue(offset);
            json.WriteEndArray();
            json.WriteNumber("retention.ms", Config.RetentionMs);
            json.WriteNumber("retention.bytes", Config.RetentionBytes);
            json.WriteNumber("cleanup.policy", (int)Config.CleanupPolicy);
            json.WriteNumber("full", (int)Config.Full);
            if (IsDeleted) json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static TopicEntry Parse(ReadOnlyMemory<byte> bytes)
    {
        using JsonDocument document = JsonDocument.Parse(bytes);
        JsonElement root = document.RootElement;
        return new TopicEntry(
            root.GetProperty("id").GetGuid(),
            [.. root.GetProperty("partitions").EnumerateArray().Select(e => e.GetInt32())],
            [.. root.GetProperty("starts").EnumerateArray().Select(e => e.GetInt64())],
            new TopicConfig
            {
                RetentionMs = root.GetProperty("retention.ms").GetInt64(),
                RetentionBytes = root.GetProperty("retention.bytes").GetInt64(),
                CleanupPolicy = (CleanupPolicy)root.GetProperty("cleanup.policy").GetInt32(),
                Full = (FullPolicy)root.GetProperty("full").GetInt32(),
            },
            root.TryGetProperty("deleted", out JsonElement deleted) && deleted.GetBoolean());
    }
}
