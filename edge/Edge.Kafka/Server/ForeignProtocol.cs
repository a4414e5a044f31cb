namespace Edge.Kafka.Server;

/// <summary>Says what the first bytes of a connection look like when they are not Kafka, so that an operator finds the misdirected client.</summary>
internal static class ForeignProtocol
{
    /// <param name="bytes">The four bytes that should have been a request's length.</param>
    public static string Describe(ReadOnlySpan<byte> bytes, int length, int maxRequestBytes)
    {
        if (bytes is [0x16, 0x03, ..]) return "a TLS hello on the plain-text port";
        if (bytes.SequenceEqual("GET "u8) || bytes.SequenceEqual("POST"u8) || bytes.SequenceEqual("PUT "u8) || bytes.SequenceEqual("HEAD"u8)
            || bytes.SequenceEqual("OPTI"u8) || bytes.SequenceEqual("PRI "u8)) return "an HTTP request on the Kafka port";
        if (bytes is [0x10, ..]) return "an MQTT CONNECT on the Kafka port";
        if (bytes.SequenceEqual("SSH-"u8)) return "an SSH client on the Kafka port";
        return $"a request length of {length} bytes; 8 to {maxRequestBytes} are allowed";
    }
}
