namespace Edge.Log.Topics;

/// <summary>Outcome of reading a partition.</summary>
public enum ReadStatus : byte
{
    Ok,

    /// <summary>Below the log start or above the high watermark.</summary>
    OffsetOutOfRange,

    /// <summary>The storage failed to give the bytes.</summary>
    Corrupt,
}
