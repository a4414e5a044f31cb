namespace Edge.Log.Records;

/// <summary>One header of a record; the spans point into the batch's bytes.</summary>
public readonly ref struct RecordHeaderView
{
    public ReadOnlySpan<byte> Name { get; init; }
    public ReadOnlySpan<byte> Value { get; init; }
    public bool HasValue { get; init; }
}
