namespace Edge.Mqtt.Protocol;

/// <summary>Which properties a packet may carry, one bit per <see cref="PropertyId"/>. Source: MQTT 5.0, table 2-4.</summary>
internal static class PropertySet
{
    public const ulong Message = 1UL << (int)PropertyId.PayloadFormatIndicator | 1UL << (int)PropertyId.MessageExpiryInterval | 1UL << (int)PropertyId.ContentType
        | 1UL << (int)PropertyId.ResponseTopic | 1UL << (int)PropertyId.CorrelationData | 1UL << (int)PropertyId.UserProperty;

    // A subscription identifier is known to PUBLISH but only a server may send it.
    public const ulong Publish = Message | 1UL << (int)PropertyId.TopicAlias;

    public const ulong Will = Message | 1UL << (int)PropertyId.WillDelayInterval;

    public const ulong Connect = 1UL << (int)PropertyId.SessionExpiryInterval | 1UL << (int)PropertyId.AuthenticationMethod | 1UL << (int)PropertyId.AuthenticationData
        | 1UL << (int)PropertyId.RequestProblemInformation | 1UL << (int)PropertyId.RequestResponseInformation | 1UL << (int)PropertyId.ReceiveMaximum
        | 1UL << (int)PropertyId.TopicAliasMaximum | 1UL << (int)PropertyId.UserProperty | 1UL << (int)PropertyId.MaximumPacketSize;

    public const ulong Acknowledgement = 1UL << (int)PropertyId.ReasonString | 1UL << (int)PropertyId.UserProperty;

    public const ulong Disconnect = Acknowledgement | 1UL << (int)PropertyId.SessionExpiryInterval | 1UL << (int)PropertyId.ServerReference;

    public const ulong Subscribe = 1UL << (int)PropertyId.SubscriptionIdentifier | 1UL << (int)PropertyId.UserProperty;

    public const ulong Unsubscribe = 1UL << (int)PropertyId.UserProperty;
}
