namespace Edge.Log.Commit;

/// <summary>What became of one appended batch, once it is durable (or refused).</summary>
/// <param name="BaseOffset">Offset of its first record; -1 when nothing was written.</param>
/// <param name="LogStartOffset">The partition's log start at that moment.</param>
public readonly record struct AppendResult(AppendStatus Status, long BaseOffset, long LogStartOffset)
{
    public static AppendResult Refused(AppendStatus status) => new(status, -1, -1);
}
