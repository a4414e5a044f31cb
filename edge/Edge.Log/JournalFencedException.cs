namespace Edge.Log;

/// <summary>A write or fsync failed twice, so the page cache is not trusted. Reads go on; appends stop until restart.</summary>
public sealed class JournalFencedException(Exception cause) : EdgeException($"The journal is read-only: {cause.Message}", cause)
{
    public override bool IsTransient => false;
}
