namespace Edge.Log.Tools;

/// <summary>One thing that is wrong with a journal, and where.</summary>
/// <param name="File">Name of the file in the journal's directory.</param>
/// <param name="Position">Where it begins in that file. Bytes.</param>
/// <param name="Bytes">How far it goes.</param>
/// <param name="Text">A sentence for a person.</param>
public sealed record JournalProblem(ProblemKind Kind, string File, long Position, long Bytes, string Text)
{
    /// <summary>True: no record is lost by it, and the next start puts it right by itself.</summary>
    public bool IsDerived { get; init; }

    /// <summary>Records that cannot be read because of it, as far as it can be told.</summary>
    public List<LostOffsets> Lost { get; } = [];
}
