namespace Edge.Log.Tools;

/// <summary>One segment as <c>edge log dump --segments</c> shows it.</summary>
/// <param name="Position">Of its first byte in the journal.</param>
/// <param name="EndBytes">Where its frames end. Bytes from the start of the file.</param>
/// <param name="FileBytes">Size of the file.</param>
/// <param name="DamagedRanges">Ranges that were durable and cannot be read.</param>
public sealed record SegmentSummary(
    string File, long Position, int EndBytes, int FileBytes, int Epoch, long FirstSequence, long FirstIngestSequence, long Frames, long Records, int Partitions, bool IsActive, bool HasIndex, int DamagedRanges);
