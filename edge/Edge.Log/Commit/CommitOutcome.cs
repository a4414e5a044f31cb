namespace Edge.Log.Commit;

/// <summary>What became of a <see cref="CommitItem"/>: durable, refused (LogFull), or failed (the journal is fenced).</summary>
/// <param name="Status"><see cref="AppendStatus.Ok"/> means that every frame of the item is on stable storage.</param>
/// <param name="Fault">The cause when <paramref name="Status"/> is <see cref="AppendStatus.Fenced"/>.</param>
public readonly record struct CommitOutcome(AppendStatus Status, Exception? Fault = null)
{
    public bool IsDurable => Status == AppendStatus.Ok;
}
