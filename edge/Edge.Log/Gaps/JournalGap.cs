using System.Globalization;
using System.Text.Json;

namespace Edge.Log.Gaps;

/// <summary>A range of offsets that left the journal without being forwarded: the content of one record of <c>__gaps</c>, and of <c>edge.gaps</c> at the centre.</summary>
/// <param name="Log">Lineage the offsets belong to.</param>
/// <param name="From">First offset, inclusive.</param>
/// <param name="To">End of the range, exclusive.</param>
/// <param name="Reason">One of <see cref="GapReason"/>.</param>
/// <param name="Time">When it happened.</param>
public sealed record JournalGap(string Log, string Topic, int Partition, long From, long To, string Reason, DateTimeOffset Time)
{
    /// <summary>Offsets in the range. An upper bound of the records: offsets may have had holes.</summary>
    public long Count => To - From;

    /// <summary>Key of the record in <c>__gaps</c>.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix(Topic, Partition)}{From:D19}");

    /// <summary>As <c>edge.gaps</c> holds it: <c>{device, log, topic, partition, from, to, count, reason, time}</c>.</summary>
    public byte[] ToJson(string device)
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, device);
            json.WriteString("log"u8, Log);
            json.WriteString("topic"u8, Topic);
            json.WriteNumber("partition"u8, Partition);
            json.WriteNumber("from"u8, From);
            json.WriteNumber("to"u8, To);
            json.WriteNumber("count"u8, Count);
            json.WriteString("reason"u8, Reason);
            json.WriteString("time"u8, Time);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>What the keys of one partition begin with; topic names hold no slash.</summary>
    internal static string KeyPrefix(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}/{partition}/");

    internal static JournalGap Parse(ReadOnlyMemory<byte> bytes)
    {
        using JsonDocument document = JsonDocument.Parse(bytes);
        JsonElement root = document.RootElement;
        return new JournalGap(root.GetProperty("log").GetString()!, root.GetProperty("topic").GetString()!, root.GetProperty("partition").GetInt32(),
            root.GetProperty("from").GetInt64(), root.GetProperty("to").GetInt64(), root.GetProperty("reason").GetString()!, root.GetProperty("time").GetDateTimeOffset());
    }
}
