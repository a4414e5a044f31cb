using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.CloudSync.Cursors;

/// <summary>Writes several cursors as one commit: one frame group instead of one per partition.</summary>
internal sealed class CursorCommit(KeyedTable table, IReadOnlyList<(byte[] Key, byte[] Value)> cursors) : CommitItem
{
    private const int RecordOverheadBytes = 160; // batch header and framing of one keyed record, generously
    private readonly TaskCompletionSource<CommitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CommitOutcome> Done => _done.Task;

    /// <summary>A full disk must drain, so its cursors are always written.</summary>
    public override bool UsesReserve => true;

    public override int SizeBytes
    {
        get
        {
            int size = 0;
            foreach ((byte[] key, byte[] value) in cursors) size += key.Length + value.Length + RecordOverheadBytes;
            return size;
        }
    }

    public override void Write(ICommitWriter writer)
    {
        foreach ((byte[] key, byte[] value) in cursors) writer.Put(table, key, value);
    }

    public override void Complete(CommitOutcome outcome) => _done.TrySetResult(outcome);
}
