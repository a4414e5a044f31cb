namespace Edge.Log.Tools;

/// <summary>What kind of thing is wrong with a journal.</summary>
public enum ProblemKind : byte
{
    /// <summary>Bytes that were durable are no frames.</summary>
    Frames,

    /// <summary>The 64 bytes at the beginning of a segment.</summary>
    SegmentHeader,

    /// <summary>A segment between two others is not there.</summary>
    MissingSegment,

    /// <summary>Checksums match, but the records inside a batch cannot be walked.</summary>
    Records,

    /// <summary>Offsets or sequences do not rise.</summary>
    Order,

    /// <summary>The sidecar of a sealed segment.</summary>
    SegmentIndex,

    StateSnapshot,
}
