using System.Text;

namespace Edge.Mqtt.Protocol;

/// <summary>A CONNECT, checked. Source: MQTT 3.1.1, 3.1; MQTT 5.0, 3.1.</summary>
internal sealed class ConnectPacket
{
    public ProtocolVersion Version { get; private set; }
    public bool CleanStart { get; private set; }
    public ushort KeepAliveSeconds { get; private set; }
    public string ClientId { get; set; } = "";
    public string? UserName { get; set; }
    public byte[]? Password { get; set; }
    public WillMessage? Will { get; private set; }
    public uint SessionExpirySeconds { get; private set; }
    public ushort ReceiveMaximum { get; private set; } = ushort.MaxValue;
    public ushort TopicAliasMaximum { get; private set; }
    public uint MaximumPacketSize { get; private set; } = uint.MaxValue;
    public bool WantsProblemInformation { get; private set; } = true;

    /// <summary>Parses the body of a CONNECT.</summary>
    /// <param name="fixedFlags">Low four bits of the first byte.</param>
    /// <param name="refusal">What to answer before closing; empty: close without a word, as the sender is not known to speak MQTT.</param>
    public static ConnectPacket? TryParse(byte fixedFlags, ReadOnlySpan<byte> body, int maxTopicBytes, int maxTopicLevels, out byte[] refusal)
    {
        refusal = [];
        BodyReader reader = new(body);
        if (!reader.TryTakeBinary(out ReadOnlySpan<byte> name)) return null;
        bool isOld = name.SequenceEqual("MQIsdp"u8);
        if (!isOld && !name.SequenceEqual("MQTT"u8)) return null;
        if (!reader.TryTakeByte(out byte level)) return null;
        if (fixedFlags != 0 && !(isOld && level == 3)) return null;
        if (level is < 3 or > 5)
        {
            // Of an unknown version nothing is known but that its CONNACK is that of 5 or later.
            refusal = [0x20, 3, 0, (byte)ReasonCode.UnsupportedProtocolVersion, 0];
            return null;
        }
        if (isOld != (level == 3)) { refusal = [0x20, 2, 0, 1]; return null; }
        ConnectPacket packet = new() { Version = (ProtocolVersion)level };
        ReasonCode code = packet.Parse(ref reader, maxTopicBytes, maxTopicLevels);
        if (code == ReasonCode.Success) return packet;
        if (level == 5 && code != Silent) refusal = [0x20, 3, 0, (byte)code, 0];
        if (level < 5 && code == ReasonCode.ClientIdentifierNotValid) refusal = [0x20, 2, 0, 2];
        return null;
    }

    /// <summary>Close without an answer: flags that contradict the specification, or a CONNACK the client could not take.</summary>
    private const ReasonCode Silent = (ReasonCode)0xff;

    private ReasonCode Parse(ref BodyReader reader, int maxTopicBytes, int maxTopicLevels)
    {
        bool v5 = Version == ProtocolVersion.Mqtt5;
        if (!reader.TryTakeByte(out byte flags) || ((flags & 1) != 0 && Version != ProtocolVersion.Mqtt31)) return Silent;
        bool hasWill = (flags & 4) != 0, willRetain = (flags & 0x20) != 0, hasPassword = (flags & 0x40) != 0, hasUser = (flags & 0x80) != 0;
        int willQos = (flags >> 3) & 3;
        CleanStart = (flags & 2) != 0;
        if (willQos == 3 || (!hasWill && (willQos != 0 || willRetain)) || (!v5 && hasPassword && !hasUser)) return Silent;
        if (!reader.TryTakeUInt16(out ushort keepAlive)) return Silent;
        KeepAliveSeconds = keepAlive;
        if (v5 && ParseProperties(ref reader) is var fault and not ReasonCode.Success) return fault;
        if (!reader.TryTakeBinary(out ReadOnlySpan<byte> clientId)) return ReasonCode.MalformedPacket;
        if (!MqttText.IsValid(clientId)) return v5 ? ReasonCode.ClientIdentifierNotValid : Silent;
        if (clientId.ContainsAny((byte)'#', (byte)'+', (byte)'/') && clientId.ContainsAny((byte)'#', (byte)'+')) return ReasonCode.ClientIdentifierNotValid;
        if (clientId.IsEmpty && (Version == ProtocolVersion.Mqtt31 || (!v5 && !CleanStart))) return ReasonCode.ClientIdentifierNotValid;
        ClientId = Encoding.UTF8.GetString(clientId);
        if (!v5) SessionExpirySeconds = CleanStart ? 0 : uint.MaxValue;
        if (hasWill && ParseWill(ref reader, v5, (byte)willQos, willRetain, maxTopicBytes, maxTopicLevels) is var wrong and not ReasonCode.Success) return wrong;
        if (hasUser)
        {
            if (!reader.TryTakeText(out ReadOnlySpan<byte> user)) return Silent;
            UserName = Encoding.UTF8.GetString(user);
        }
        if (hasPassword)
        {
            if (!reader.TryTakeBinary(out ReadOnlySpan<byte> password)) return Silent;
            Password = password.ToArray();
        }
        return reader.Left.IsEmpty ? ReasonCode.Success : ReasonCode.MalformedPacket;
    }

    private ReasonCode ParseProperties(ref BodyReader reader)
    {
        if (!PropertyReader.TryOpen(ref reader, PropertySet.Connect, out PropertyReader properties)) return ReasonCode.MalformedPacket;
        bool hasMethod = false, hasData = false;
        while (properties.MoveNext())
        {
            switch (properties.Id)
            {
                case PropertyId.SessionExpiryInterval: SessionExpirySeconds = properties.Number; break;
                case PropertyId.ReceiveMaximum: ReceiveMaximum = (ushort)properties.Number; break;
                case PropertyId.TopicAliasMaximum: TopicAliasMaximum = (ushort)properties.Number; break;
                case PropertyId.MaximumPacketSize: MaximumPacketSize = properties.Number; break;
                case PropertyId.RequestProblemInformation: WantsProblemInformation = properties.Number != 0; break;
                case PropertyId.AuthenticationMethod: hasMethod = true; break;
                case PropertyId.AuthenticationData: hasData = true; break;
            }
        }
        if (properties.Fault != PacketFault.None) return (ReasonCode)properties.Fault;
        if (hasMethod) return ReasonCode.BadAuthenticationMethod;
        if (hasData) return ReasonCode.ProtocolError;
        return MaximumPacketSize < PacketWriter.SmallestConnAck ? Silent : ReasonCode.Success;
    }

    private ReasonCode ParseWill(ref BodyReader reader, bool v5, byte qos, bool retain, int maxTopicBytes, int maxTopicLevels)
    {
        MessageProperties properties = default;
        if (v5 && MessageProperties.TryTake(ref reader, PropertySet.Will, out properties) is var fault and not PacketFault.None) return (ReasonCode)fault;
        if (!reader.TryTakeBinary(out ReadOnlySpan<byte> topic) || !reader.TryTakeBinary(out ReadOnlySpan<byte> payload)) return ReasonCode.MalformedPacket;
        if (!MqttText.IsTopicName(topic, maxTopicBytes, maxTopicLevels) || topic.StartsWith("$"u8)) return ReasonCode.MalformedPacket;
        Will = new WillMessage(Encoding.UTF8.GetString(topic), payload.ToArray(), qos, retain, properties.DelaySeconds, properties.Section.ToArray());
        return ReasonCode.Success;
    }
}
