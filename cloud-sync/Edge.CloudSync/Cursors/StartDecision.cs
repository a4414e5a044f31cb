namespace Edge.CloudSync.Cursors;

/// <summary>The outcome of a look at the centre.</summary>
/// <param name="Positions">By <c>topic/partition</c>; empty when forwarding halts.</param>
/// <param name="Parents">Ancestors of the log that goes on, newest first.</param>
/// <param name="Events">What an operator should hear of, one sentence each.</param>
/// <param name="ForkedAt">For a fork: partitions whose history parts below their cursor, with (part, cursor).</param>
internal sealed record StartDecision(StartKind Kind, IReadOnlyDictionary<string, StartPosition> Positions, IReadOnlyList<string> Parents, IReadOnlyList<string> Events,
    IReadOnlyDictionary<string, (long From, long To)> ForkedAt)
{
    public bool IsHalt => Kind is StartKind.Rival or StartKind.Stranger or StartKind.CursorLost;
}
