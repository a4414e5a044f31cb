namespace Edge.Log.Tools;

/// <summary>What <see cref="JournalRepair"/> would do, in that order.</summary>
/// <param name="Actions">Empty: nothing needs repair.</param>
/// <param name="Unrepairable">Sentences about what no repair can put right; the journal may still open.</param>
public sealed record RepairPlan(IReadOnlyList<RepairAction> Actions, IReadOnlyList<string> Unrepairable);
