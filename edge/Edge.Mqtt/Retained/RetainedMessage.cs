using System.Buffers.Binary;

namespace Edge.Mqtt.Retained;

/// <summary>A retained message: what its record holds, kept by topic.</summary>
/// <param name="Topic">UTF-8.</param>
/// <param name="Headers">Encoded record headers, as in the record.</param>
internal sealed record RetainedMessage(string TopicText, byte[] Topic, byte Qos, long TimestampMs, int HeaderCount, byte[] Headers, byte[] Payload)
{
    private const byte FormatVersion = 1;
    private const int FixedBytes = 18;

    /// <summary>Memory it counts for.</summary>
    public int SizeBytes => Topic.Length + Headers.Length + Payload.Length + 64;

    /// <summary>Value in the table <c>__mqtt_retained</c>: version, QoS, timestamp, header count and bytes, payload. Big-endian.</summary>
    public byte[] Encode()
    {
        byte[] value = new byte[FixedBytes + Headers.Length + Payload.Length];
        value[0] = FormatVersion;
        value[1] = Qos;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(2), TimestampMs);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(10), HeaderCount);
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(14), Headers.Length);
        Headers.CopyTo(value, FixedBytes);
        Payload.CopyTo(value, FixedBytes + Headers.Length);
        return value;
    }

    /// <summary>Null when the value is not of a known version or does not hold what it says.</summary>
    public static RetainedMessage? TryDecode(string topic, ReadOnlySpan<byte> value)
    {
        if (value.Length < FixedBytes || value[0] != FormatVersion || value[1] > 2) return null;
        int headerCount = BinaryPrimitives.ReadInt32BigEndian(value[10..]), headerBytes = BinaryPrimitives.ReadInt32BigEndian(value[14..]);
        if (headerBytes < 0 || headerBytes > value.Length - FixedBytes || headerCount < 0) return null;
        return new RetainedMessage(topic, System.Text.Encoding.UTF8.GetBytes(topic), value[1], BinaryPrimitives.ReadInt64BigEndian(value[2..]), headerCount,
            value.Slice(FixedBytes, headerBytes).ToArray(), value[(FixedBytes + headerBytes)..].ToArray());
    }
}
