using System.Buffers;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Edge.CloudSync.Provenance;
using Edge.Log.Records;

namespace Edge.CloudSync.Forwarding;

/// <summary>What goes to <c>edge.deadletter</c> in the place of a record the centre cannot take: where it is, and how it begins.</summary>
internal static class DeadLetterPointer
{
    public const int HeadBytes = 1024;

    /// <summary>The headers of the pointer: provenance, and why and where from it is here.</summary>
    public static Headers Select(Headers headers, string reason, string centralTopic)
    {
        var small = new Headers();
        foreach (IHeader header in headers)
            if (header.Key is EdgeIdView.HeaderName or EdgeIdView.HopHeaderName or "mqtt.topic" && header.GetValueBytes() is { Length: <= 4096 } value) small.Add(header.Key, value);
        small.Add("edge.reason", Encoding.UTF8.GetBytes(reason));
        small.Add("edge.topic", Encoding.UTF8.GetBytes(centralTopic));
        return small;
    }

    /// <summary>JSON <c>{device, log, topic, partition, offset, timestamp, keyBytes, valueBytes, centralTopic, reason, head}</c>; <c>head</c> is base64 of the first 1 KiB.</summary>
    public static byte[] ToJson(string device, string log, SourcePartition source, in RecordView record, string reason)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, device);
            json.WriteString("log"u8, log);
            json.WriteString("topic"u8, source.Partition.Topic.Name);
            json.WriteNumber("partition"u8, source.Partition.Index);
            json.WriteNumber("offset"u8, record.Offset);
            json.WriteNumber("timestamp"u8, record.TimestampMs);
            json.WriteNumber("keyBytes"u8, record.Key.Length);
            json.WriteNumber("valueBytes"u8, record.Value.Length);
            json.WriteString("centralTopic"u8, source.CentralTopicName);
            json.WriteString("reason"u8, reason);
            json.WriteBase64String("head"u8, record.Value[..Math.Min(HeadBytes, record.Value.Length)]);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
