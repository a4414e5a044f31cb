using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Kafka.Groups;

/// <summary>Several keys of one internal table, changed as a whole. Uses the reserve: a consumer's progress is kept even when the disk is full.</summary>
internal sealed class TableCommit(KeyedTable table, List<KeyValuePair<byte[], byte[]?>> changes) : CommitItem
{
    private readonly TaskCompletionSource<CommitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CommitOutcome> Done => _done.Task;

    public override bool UsesReserve => true;

    public override int SizeBytes
    {
        get
        {
            int size = 256; // headers of a batch and of its frame
            foreach ((byte[] key, byte[]? value) in changes) size += 128 + key.Length + (value?.Length ?? 0);
            return size;
        }
    }

    public override void Write(ICommitWriter writer)
    {
        foreach ((byte[] key, byte[]? value) in changes) writer.Put(table, key, value is null ? null : (ReadOnlyMemory<byte>?)value);
    }

    public override void Complete(CommitOutcome outcome) => _done.TrySetResult(outcome);
}
