namespace Edge.Log.Tools;

/// <summary>Which records <see cref="JournalDump"/> hands out.</summary>
public sealed record DumpFilter
{
    /// <summary>One topic; null = all that are not internal.</summary>
    public string? Topic { get; set; }

    /// <summary>One partition of the topic; null = all.</summary>
    public int? Partition { get; set; }

    /// <summary>First offset, in each partition.</summary>
    public long From { get; set; }

    /// <summary>Most records.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>With <see cref="Topic"/> null: internal topics too.</summary>
    public bool Internal { get; set; }
}
