using System.Text;
using System.Threading.Channels;
using Edge.Log.Commit;

namespace Edge.Log.Topics;

/// <summary>Latest value per key of an internal, compacted topic: in memory, its truth in the journal.</summary>
/// <remarks>Readers see a change once it is durable. Saved whole with every state snapshot, so old segments do not hold it up.</remarks>
public sealed class KeyedTable
{
    private readonly Journal _journal;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _values = new(StringComparer.Ordinal);
    private Channel<(string Key, ReadOnlyMemory<byte>? Value)>? _changes;
    private Action<string, ReadOnlyMemory<byte>?>? _changed;

    internal KeyedTable(Journal journal, Partition partition)
    {
        _journal = journal;
        Partition = partition;
    }

    public string Name => Partition.Topic.Name;

    internal Partition Partition { get; }

    public int Count
    {
        get { lock (_lock) return _values.Count; }
    }

    /// <summary>Raised after a change is durable, in commit order, on one background task. Value null: removed.</summary>
    public event Action<string, ReadOnlyMemory<byte>?>? Changed
    {
        add
        {
            lock (_lock)
            {
                _changed += value;
                if (_changes is not null) return;
                // Unbounded by design: what waits here are references to values that the table holds anyway.
                _changes = Channel.CreateUnbounded<(string, ReadOnlyMemory<byte>?)>(new UnboundedChannelOptions { SingleReader = true });
                _ = Task.Run(RaiseAsync);
            }
        }
        remove { lock (_lock) _changed -= value; }
    }

    public bool TryGet(string key, out ReadOnlyMemory<byte> value)
    {
        lock (_lock) return _values.TryGetValue(key, out value);
    }

    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value) => TryGet(Encoding.UTF8.GetString(key), out value);

    /// <summary>All keys (as text) and values as they are now.</summary>
    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Snapshot()
    {
        lock (_lock) return [.. _values];
    }

    /// <summary>Sets one key, or removes it when <paramref name="value"/> is null; completes when durable, refused or failed.</summary>
    public Task<CommitOutcome> PutAsync(string key, ReadOnlyMemory<byte>? value)
    {
        var put = new TablePut(this, Encoding.UTF8.GetBytes(key), value);
        _journal.Submit(put);
        return put.Completion;
    }

    internal void Apply(string key, ReadOnlyMemory<byte>? value)
    {
        lock (_lock)
        {
            if (value is { } bytes) _values[key] = bytes;
            else _values.Remove(key);
            _changes?.Writer.TryWrite((key, value));
        }
    }

    internal void Complete() => _changes?.Writer.TryComplete();

    private async Task RaiseAsync()
    {
        await foreach ((string key, ReadOnlyMemory<byte>? value) in _changes!.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try { _changed?.Invoke(key, value); }
            catch (Exception e) { _journal.ReportListenerFault(Name, e); } // a read model's fault must not stop the others
        }
    }

    private sealed class TablePut(KeyedTable table, byte[] key, ReadOnlyMemory<byte>? value) : CommitItem
    {
        private readonly TaskCompletionSource<CommitOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<CommitOutcome> Completion => _completion.Task;
        public override int SizeBytes => Records.RecordBatchHeader.HeaderBytes + Records.RecordBatchBuilder.MaxRecordBytes(key.Length, value?.Length ?? 0, 0);
        public override bool UsesReserve => true;
        public override void Write(ICommitWriter writer) => writer.Put(table, key, value);
        public override void Complete(CommitOutcome outcome) => _completion.TrySetResult(outcome);
    }
}
