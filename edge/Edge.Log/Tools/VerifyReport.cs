namespace Edge.Log.Tools;

/// <summary>What <see cref="JournalVerifier"/> found.</summary>
public sealed class VerifyReport
{
    public long Segments { get; internal set; }

    /// <summary>Frames that verify, padding included.</summary>
    public long Frames { get; internal set; }

    public long Batches { get; internal set; }
    public long Records { get; internal set; }

    /// <summary>Bytes of segments up to the end of their frames.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Position in the journal where the next frame goes.</summary>
    public long EndPosition { get; internal set; }

    /// <summary>The active segment ends in a commit that was never whole and never acknowledged: normal after a crash, the next start cuts it.</summary>
    public bool HasTornTail { get; internal set; }

    /// <summary>In order of topic and partition, internal topics included.</summary>
    public IReadOnlyList<PartitionExtent> Partitions { get; internal set; } = [];

    /// <summary>In order of their place.</summary>
    public IReadOnlyList<JournalProblem> Problems { get; internal set; } = [];

    public bool IsSound => Problems.Count == 0;

    /// <summary>Some acknowledged record cannot be read, as opposed to a derived file that is made again.</summary>
    public bool HasDataDamage => Problems.Any(static p => !p.IsDerived);
}
