namespace Edge.Testing.Storage;

/// <summary>The failures a disk has to show. Thread-safe.</summary>
public sealed class FaultPlan
{
    private readonly Lock _lock = new();
    private readonly List<(FaultRule Rule, long Seen)> _rules = [];

    /// <summary>Operations failed so far: a sweep ends when a run no longer reaches its rule.</summary>
    public long Failures { get; private set; }

    public FaultPlan Add(FaultRule rule)
    {
        lock (_lock) _rules.Add((rule, 0));
        return this;
    }

    public void Clear()
    {
        lock (_lock) _rules.Clear();
    }

    /// <summary>Counts the operation and says whether it fails.</summary>
    public bool ShouldFail(DiskOperations operation, string name, out int errno)
    {
        errno = 0;
        lock (_lock)
        {
            for (int i = 0; i < _rules.Count; i++)
            {
                (FaultRule rule, long seen) = _rules[i];
                if ((rule.Operations & operation) == 0 || (rule.NamePart is { } part && !name.Contains(part, StringComparison.Ordinal))) continue;
                _rules[i] = (rule, ++seen);
                if (seen == rule.Nth || (rule.ForGood && seen > rule.Nth)) errno = rule.ErrnoValue;
            }
            if (errno != 0) Failures++;
        }
        return errno != 0;
    }
}
