namespace Edge.Mqtt.Protocol;

/// <summary>Walks the properties of an MQTT 5 packet and holds them to what the packet may carry. Allocates nothing; safe on untrusted bytes.</summary>
internal ref struct PropertyReader
{
    private const ulong Repeatable = 1UL << (int)PropertyId.UserProperty;
    private BodyReader _left;
    private readonly ulong _allowed;
    private ulong _seen;

    private PropertyReader(ReadOnlySpan<byte> properties, ulong allowed)
    {
        _left = new BodyReader(properties);
        _allowed = allowed;
    }

    public PropertyId Id { get; private set; }

    /// <summary>Value of a numeric property.</summary>
    public uint Number { get; private set; }

    /// <summary>Value of a string or binary property; the name of a user property.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Value of a user property.</summary>
    public ReadOnlySpan<byte> UserValue { get; private set; }

    public PacketFault Fault { get; private set; }

    /// <summary>Takes the property section (its length first) from the front of <paramref name="body"/>.</summary>
    public static bool TryOpen(scoped ref BodyReader body, ulong allowed, out PropertyReader reader)
    {
        reader = default;
        if (!body.TryTakeVariable(out int length) || !body.TryTake(length, out ReadOnlySpan<byte> section)) return false;
        reader = new PropertyReader(section, allowed);
        return true;
    }

    /// <summary>A second walk over a section that was found right.</summary>
    public static PropertyReader OverChecked(ReadOnlySpan<byte> section) => new(section, ulong.MaxValue);

    public bool MoveNext()
    {
        if (_left.Left.IsEmpty || Fault != PacketFault.None) return false;
        if (!_left.TryTakeVariable(out int id) || id > (int)PropertyId.SharedSubscriptionAvailable || !TryTakeValue((PropertyId)id)) return Fail(PacketFault.Malformed);
        ulong bit = 1UL << id;
        if ((_allowed & bit) == 0 || (_seen & bit & ~Repeatable) != 0) return Fail(PacketFault.ProtocolError);
        _seen |= bit;
        Id = (PropertyId)id;
        return IsInRange() || Fail(PacketFault.ProtocolError);
    }

    private bool Fail(PacketFault fault)
    {
        Fault = fault;
        return false;
    }

    private readonly bool IsInRange() => Id switch
    {
        PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation => Number <= 1,
        PropertyId.ReceiveMaximum or PropertyId.MaximumPacketSize or PropertyId.SubscriptionIdentifier => Number != 0,
        _ => true,
    };

    private bool TryTakeValue(PropertyId id)
    {
        switch (id)
        {
            case PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation or PropertyId.MaximumQos
                or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable or PropertyId.SubscriptionIdentifierAvailable
                or PropertyId.SharedSubscriptionAvailable:
                bool hasByte = _left.TryTakeByte(out byte b);
                Number = b;
                return hasByte;
            case PropertyId.ServerKeepAlive or PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum or PropertyId.TopicAlias:
                bool hasShort = _left.TryTakeUInt16(out ushort s);
                Number = s;
                return hasShort;
            case PropertyId.MessageExpiryInterval or PropertyId.SessionExpiryInterval or PropertyId.WillDelayInterval or PropertyId.MaximumPacketSize:
                bool hasInt = _left.TryTakeUInt32(out uint i);
                Number = i;
                return hasInt;
            case PropertyId.SubscriptionIdentifier:
                bool hasVariable = _left.TryTakeVariable(out int v);
                Number = (uint)v;
                return hasVariable;
            case PropertyId.CorrelationData or PropertyId.AuthenticationData:
                bool hasBinary = _left.TryTakeBinary(out ReadOnlySpan<byte> binary);
                Bytes = binary;
                return hasBinary;
            case PropertyId.ContentType or PropertyId.ResponseTopic or PropertyId.AssignedClientIdentifier or PropertyId.AuthenticationMethod
                or PropertyId.ResponseInformation or PropertyId.ServerReference or PropertyId.ReasonString:
                bool hasText = _left.TryTakeText(out ReadOnlySpan<byte> text);
                Bytes = text;
                return hasText;
            case PropertyId.UserProperty:
                bool hasPair = _left.TryTakeText(out ReadOnlySpan<byte> name) & _left.TryTakeText(out ReadOnlySpan<byte> value);
                Bytes = name;
                UserValue = value;
                return hasPair;
            default:
                return false;
        }
    }
}
