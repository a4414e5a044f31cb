namespace Edge.Log.Topics;

/// <summary>Kafka's <c>cleanup.policy</c>.</summary>
[Flags]
public enum CleanupPolicy : byte
{
    Delete = 1,
    Compact = 2,
}
