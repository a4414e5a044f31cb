namespace Edge.Kafka;

/// <summary>Which connections of the Kafka listener need credentials (SASL, or a client certificate).</summary>
public enum KafkaAuthentication : byte
{
    /// <summary>Those that do not come from this machine.</summary>
    Auto,

    /// <summary>All.</summary>
    Required,

    /// <summary>None: whoever reaches the port may read, write and delete everything.</summary>
    UnsafeNone,
}
