namespace Edge.CloudSync.Forwarding;

/// <summary>What went wrong last, and when.</summary>
internal sealed record SyncProblem(string Text, DateTimeOffset Time);
