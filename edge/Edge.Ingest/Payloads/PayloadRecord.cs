namespace Edge.Ingest.Payloads;

/// <summary>One record made of a payload.</summary>
/// <param name="Key">Null: the route's.</param>
/// <param name="TimestampMs">Unix epoch, ms; null: now. A time in the future is clamped by the caller.</param>
public readonly record struct PayloadRecord(byte[]? Key, long? TimestampMs, byte[] Value);
