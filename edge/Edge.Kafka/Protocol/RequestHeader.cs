namespace Edge.Kafka.Protocol;

/// <summary>What stands in front of every request. Header version 1, or 2 (with tagged fields) for flexible versions of an API.</summary>
internal readonly record struct RequestHeader(short ApiKey, short ApiVersion, int CorrelationId, string? ClientId)
{
    /// <summary>API key, version and correlation id: what must be there before anything else is known.</summary>
    public const int FixedBytes = 8;

    /// <summary>Reads the header and leaves the reader at the body, in the form (compact or not) the body has.</summary>
    /// <param name="isFlexible">Tells for (key, version) whether the version is flexible.</param>
    public static RequestHeader Read(ref KafkaReader reader, Func<short, short, bool> isFlexible)
    {
        reader.Flexible = false; // the client id keeps its old form in every version (KIP-482)
        short key = reader.ReadInt16(), version = reader.ReadInt16();
        int correlationId = reader.ReadInt32();
        string? clientId = reader.ReadNullableString();
        reader.Flexible = isFlexible(key, version);
        reader.SkipTags();
        return new(key, version, correlationId, clientId);
    }
}
