namespace Edge.Mqtt.Protocol;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP as they come in: a packet id and, in MQTT 5, a reason. Nothing is allocated.</summary>
internal readonly record struct AcknowledgementPacket(ushort PacketId, ReasonCode Reason)
{
    /// <summary>Parses the body. In MQTT 3.1.1 it is exactly the packet id.</summary>
    public static PacketFault TryParse(PacketType type, byte fixedFlags, ReadOnlySpan<byte> body, bool v5, out AcknowledgementPacket packet)
    {
        packet = default;
        // PUBREL carries 0010; mosquitto answers a wrong PUBREL with "protocol error" and the others with "malformed", and clients know it so.
        if (fixedFlags != (type == PacketType.PubRel ? 2 : 0)) return type == PacketType.PubRel ? PacketFault.ProtocolError : PacketFault.Malformed;
        BodyReader reader = new(body);
        if (!reader.TryTakeUInt16(out ushort id)) return PacketFault.Malformed;
        if (id == 0) return PacketFault.ProtocolError;
        byte reason = 0;
        if (!reader.Left.IsEmpty)
        {
            if (!v5) return PacketFault.Malformed;
            _ = reader.TryTakeByte(out reason);
            if (!IsKnown(type, reason)) return PacketFault.ProtocolError;
            if (!reader.Left.IsEmpty)
            {
                if (!PropertyReader.TryOpen(ref reader, PropertySet.Acknowledgement, out PropertyReader properties)) return PacketFault.Malformed;
                while (properties.MoveNext()) { }
                if (properties.Fault != PacketFault.None) return properties.Fault;
                if (!reader.Left.IsEmpty) return PacketFault.Malformed;
            }
        }
        packet = new AcknowledgementPacket(id, (ReasonCode)reason);
        return PacketFault.None;
    }

    private static bool IsKnown(PacketType type, byte reason) => type is PacketType.PubRel or PacketType.PubComp
        ? reason is 0 or (byte)ReasonCode.PacketIdentifierNotFound
        : reason is 0 or 0x10 or 0x80 or 0x83 or 0x87 or 0x90 or 0x91 or 0x97 or 0x99;
}
