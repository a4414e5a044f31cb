namespace Edge.Log.Tools;

/// <summary>One step of a repair.</summary>
/// <param name="File">The journal's file it is about.</param>
/// <param name="Position">First byte, for a range.</param>
/// <param name="Bytes">How many bytes go to quarantine.</param>
/// <param name="Quarantine">Name the bytes get in the quarantine folder; empty when nothing is moved.</param>
/// <param name="Text">A sentence for a person.</param>
public sealed record RepairAction(RepairKind Kind, string File, long Position, long Bytes, string Quarantine, string Text)
{
    /// <summary>Records that stay lost: what the journal announces as a gap.</summary>
    public IReadOnlyList<LostOffsets> Lost { get; init; } = [];

    internal long FirstSequence { get; init; }
    internal long Frames { get; init; }

    /// <summary>How much of the range becomes padding; what lies behind it at the end of a segment is read by nobody.</summary>
    internal long FillBytes { get; init; }
}
