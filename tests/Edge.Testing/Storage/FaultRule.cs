namespace Edge.Testing.Storage;

/// <summary>One planned failure: the <paramref name="Nth"/> matching operation (from 1, counted since the rule was added) fails.</summary>
/// <param name="Operations">Kinds that are counted and fail.</param>
/// <param name="ErrnoValue">Reported errno, see <see cref="Edge.Log.Storage.Errno"/>.</param>
/// <param name="ForGood">All later matching operations fail too; otherwise just this one.</param>
/// <param name="NamePart">Only files whose name contains it; null = all, and the directory.</param>
public sealed record FaultRule(DiskOperations Operations, long Nth, int ErrnoValue, bool ForGood = false, string? NamePart = null);
