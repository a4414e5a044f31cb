using System.Buffers.Binary;
using System.Text;

namespace Edge.Mqtt.Protocol;

/// <summary>Writes the packets a broker sends. Every method returns the bytes written; the caller provides the room.</summary>
internal static class PacketWriter
{
    /// <summary>Size of the smallest MQTT 5 CONNACK, which a client's maximum packet size has to admit.</summary>
    public const int SmallestConnAck = 5;

    /// <summary>Most bytes of an acknowledgement with a reason.</summary>
    public const int MaxAcknowledgementBytes = 5;

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP. Success is the short form in both versions.</summary>
    public static int Acknowledgement(Span<byte> destination, PacketType type, ushort packetId, ReasonCode reason)
    {
        destination[0] = (byte)((int)type << 4 | (type == PacketType.PubRel ? 2 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], packetId);
        if (reason == ReasonCode.Success)
        {
            destination[1] = 2;
            return 4;
        }
        destination[1] = 3;
        destination[4] = (byte)reason;
        return 5;
    }

    public static byte[] Disconnect(ReasonCode reason) => [(int)PacketType.Disconnect << 4, 1, (byte)reason];

    public static byte[] ConnAck(ConnectPacket connect, bool sessionPresent, MqttOptions options, bool assignedClientId)
    {
        if (connect.Version != ProtocolVersion.Mqtt5) return [0x20, 2, (byte)(sessionPresent && connect.Version == ProtocolVersion.Mqtt311 ? 1 : 0), 0];
        byte[] id = assignedClientId ? Encoding.UTF8.GetBytes(connect.ClientId) : [];
        Span<byte> properties = stackalloc byte[64 + id.Length];
        int at = 0;
        properties[at++] = (byte)PropertyId.TopicAliasMaximum;
        BinaryPrimitives.WriteUInt16BigEndian(properties[at..], MqttOptions.TopicAliasMaximum);
        at += 2;
        properties[at++] = (byte)PropertyId.MaximumPacketSize;
        BinaryPrimitives.WriteUInt32BigEndian(properties[at..], (uint)options.MaxPacketBytes);
        at += 4;
        properties[at++] = (byte)PropertyId.ReceiveMaximum;
        BinaryPrimitives.WriteUInt16BigEndian(properties[at..], (ushort)options.ReceiveMaximum);
        at += 2;
        int maxKeepAlive = (int)options.MaxKeepAlive.TotalSeconds;
        if (connect.KeepAliveSeconds == 0 || connect.KeepAliveSeconds > maxKeepAlive)
        {
            properties[at++] = (byte)PropertyId.ServerKeepAlive;
            BinaryPrimitives.WriteUInt16BigEndian(properties[at..], (ushort)maxKeepAlive);
            at += 2;
        }
        if (assignedClientId)
        {
            properties[at++] = (byte)PropertyId.AssignedClientIdentifier;
            at += Text(properties[at..], id);
        }
        int length = 2 + VariableInteger.SizeOf(at) + at;
        byte[] packet = new byte[1 + VariableInteger.SizeOf(length) + length];
        packet[0] = 0x20;
        int end = 1 + VariableInteger.Write(packet.AsSpan(1), length);
        packet[end++] = (byte)(sessionPresent ? 1 : 0);
        packet[end++] = 0;
        end += VariableInteger.Write(packet.AsSpan(end), at);
        properties[..at].CopyTo(packet.AsSpan(end));
        // Properties are optional: a client that admits only tiny packets gets none.
        return packet.Length <= connect.MaximumPacketSize ? packet : [0x20, 3, (byte)(sessionPresent ? 1 : 0), 0, 0];
    }

    /// <summary>SUBACK or UNSUBACK.</summary>
    public static byte[] SubscriptionAck(PacketType type, ushort packetId, bool v5, ReadOnlySpan<byte> codes)
    {
        if (type == PacketType.UnsubAck && !v5) codes = [];
        int length = 2 + (v5 ? 1 : 0) + codes.Length;
        byte[] packet = new byte[1 + VariableInteger.SizeOf(length) + length];
        packet[0] = (byte)((int)type << 4);
        int at = 1 + VariableInteger.Write(packet.AsSpan(1), length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at), packetId);
        at += v5 ? 3 : 2;
        codes.CopyTo(packet.AsSpan(at));
        return packet;
    }

    /// <summary>A string or binary field with its 16-bit length.</summary>
    public static int Text(Span<byte> destination, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)value.Length);
        value.CopyTo(destination[2..]);
        return 2 + value.Length;
    }
}
