using System.Buffers;
using System.Text.Json;

namespace Edge.CloudSync.Forwarding;

/// <summary>Announces at the centre (<c>edge.gaps</c>) what a policy removed before it was sent.</summary>
/// <param name="From">First offset removed.</param>
/// <param name="To">End of the range, exclusive.</param>
internal readonly record struct GapRecord(string Device, string Log, string Topic, int Partition, long From, long To, string Reason, DateTimeOffset Time)
{
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, Device);
            json.WriteString("log"u8, Log);
            json.WriteString("topic"u8, Topic);
            json.WriteNumber("partition"u8, Partition);
            json.WriteNumber("from"u8, From);
            json.WriteNumber("to"u8, To);
            json.WriteNumber("count"u8, To - From);
            json.WriteString("reason"u8, Reason);
            json.WriteString("time"u8, Time);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
