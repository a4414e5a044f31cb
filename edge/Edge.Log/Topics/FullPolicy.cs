namespace Edge.Log.Topics;

/// <summary>What happens to a topic's new records when the disk's bound is reached by records that are still wanted (<c>full</c>).</summary>
public enum FullPolicy : byte
{
    /// <summary>New records are refused: back-pressure.</summary>
    Reject,

    /// <summary>The oldest records go, counted and with a gap record.</summary>
    DropOldest,
}
