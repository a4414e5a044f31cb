namespace Edge.Log.Gaps;

/// <summary>Why records left the journal before they were forwarded, as gap records name it.</summary>
public static class GapReason
{
    /// <summary>A topic's time or bytes, or its deletion, with the operator's <c>--force</c>.</summary>
    public const string Retention = "retention", Deleted = "deleted";

    /// <summary>The disk's bound, for a topic with <c>full=drop-oldest</c>.</summary>
    public const string DropOldest = "drop-oldest";

    /// <summary>DeleteRecords with force.</summary>
    public const string Trimmed = "trimmed";

    /// <summary>Bytes that no longer verify; kept in the quarantine folder.</summary>
    public const string Quarantined = "quarantined";
}
