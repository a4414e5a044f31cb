namespace Edge.Log.Records;

/// <summary>A header of a record as the slow paths hold it. <paramref name="Value"/> null is Kafka's null.</summary>
public readonly record struct RecordHeader(string Name, byte[]? Value);
