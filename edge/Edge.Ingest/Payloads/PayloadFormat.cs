namespace Edge.Ingest.Payloads;

/// <summary>What a route makes of a payload: one message becomes one or more records, stored together.</summary>
/// <remarks>Stateless and thread-safe. What cannot be parsed is never dropped: the caller stores it as it is, flagged with the reason.</remarks>
public abstract class PayloadFormat
{
    /// <summary>Header of a record whose payload was not what its route says; the value is the reason.</summary>
    public const string UnparsedHeader = "edge.unparsed";

    /// <summary>Most records one message may become.</summary>
    public const int MaxRecords = 1000;

    /// <summary>True when the format names the keys itself, whatever the route's template says.</summary>
    public abstract bool NamesKeys { get; }

    /// <summary>Makes the records of one message.</summary>
    /// <param name="mqttTopic">Topic it was published to.</param>
    /// <param name="nowMs">Unix epoch, ms; relative times count from it.</param>
    /// <param name="records">Filled in order; not to be used when a reason comes back.</param>
    /// <returns>Null, or why the payload cannot be used; at most 100 characters.</returns>
    public abstract string? TrySplit(string mqttTopic, ReadOnlySpan<byte> payload, long nowMs, List<PayloadRecord> records);
}
