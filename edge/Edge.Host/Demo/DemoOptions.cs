using Edge.CloudSync;

namespace Edge.Host.Demo;

/// <summary>What the person asked for.</summary>
internal sealed record DemoOptions
{
    /// <summary>How long the link to the centre is cut; zero = never.</summary>
    public TimeSpan Outage { get; set; }

    /// <summary>When it is cut, from the start of the run; null = chosen.</summary>
    public TimeSpan? OutageAfter { get; set; }

    /// <summary>How long input is taken; null = until Ctrl-C.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>A Kafka cluster; null = the stand-in.</summary>
    public string? Centre { get; set; }

    /// <summary>Null = a new directory below ./data.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>When the link is cut: 10 s after the start, or after a third of what a short run leaves besides the outage.</summary>
    public TimeSpan OutageStart => OutageAfter ?? (Duration is { } duration && (duration - Outage) / 3 < TimeSpan.FromSeconds(10) ? (duration - Outage) / 3 : TimeSpan.FromSeconds(10));

    /// <summary>Every problem at once.</summary>
    public IEnumerable<string> Validate()
    {
        TimeSpan day = TimeSpan.FromDays(1);
        if (Outage < TimeSpan.Zero || Outage > day) yield return $"--outage is {Outage.TotalSeconds}; use 0 to 86400 seconds.";
        if (OutageAfter < TimeSpan.Zero || OutageAfter > day) yield return $"--outage-after is {OutageAfter.Value.TotalSeconds}; use 0 to 86400 seconds.";
        if (Duration is { } duration)
        {
            if (duration <= TimeSpan.Zero || duration > day * 365) yield return $"--for is {duration.TotalSeconds}; use more than 0 seconds.";
            else if (Outage > TimeSpan.Zero && OutageStart + Outage >= duration)
                yield return $"--outage {Outage.TotalSeconds} does not fit into --for {duration.TotalSeconds}: let it end before the run does, so that one sees the backlog drain.";
        }
        if (Centre is not null)
            foreach (string problem in new SyncOptions { BootstrapServers = Centre }.Validate()) yield return problem.Replace("Sync:BootstrapServers", "--centre", StringComparison.Ordinal);
    }
}
