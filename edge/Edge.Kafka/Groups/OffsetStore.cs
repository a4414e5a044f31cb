using System.Text;
using Edge.Log;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Kafka.Groups;

/// <summary>Committed offsets of consumer groups: a keyed table of the journal, so they are durable in the same fdatasync as records.</summary>
internal sealed class OffsetStore(Journal journal, KafkaOptions options, TimeProvider timeProvider)
{
    private readonly Lazy<KeyedTable> _table = new(() => journal.GetTable("__consumer_offsets"));

    public bool TryGet(in OffsetKey key, out CommittedOffset offset)
    {
        offset = default;
        return _table.Value.TryGet(key.ToString(), out ReadOnlyMemory<byte> value) && CommittedOffset.TryDecode(value.Span, out offset);
    }

    /// <summary>All offsets of one group. Walks the table: for administration, not for the hot path.</summary>
    public List<KeyValuePair<OffsetKey, CommittedOffset>> OfGroup(string group)
    {
        var found = new List<KeyValuePair<OffsetKey, CommittedOffset>>();
        foreach ((string text, ReadOnlyMemory<byte> value) in _table.Value.Snapshot())
        {
            if (text.StartsWith(group, StringComparison.Ordinal) && OffsetKey.TryParse(text, out OffsetKey key) && key.Group == group
                && CommittedOffset.TryDecode(value.Span, out CommittedOffset offset)) found.Add(new(key, offset));
        }
        return found;
    }

    public HashSet<string> Groups()
    {
        var groups = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string text, _) in _table.Value.Snapshot())
        {
            if (OffsetKey.TryParse(text, out OffsetKey key)) groups.Add(key.Group);
        }
        return groups;
    }

    public bool HasRoomFor(int count) => _table.Value.Count + count <= options.MaxCommittedOffsets;

    public long NowMs => timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Commits all of a request or none; completes when durable.</summary>
    public Task<CommitOutcome> CommitAsync(IReadOnlyList<KeyValuePair<OffsetKey, CommittedOffset>> offsets)
    {
        var changes = new List<KeyValuePair<byte[], byte[]?>>(offsets.Count);
        foreach ((OffsetKey key, CommittedOffset offset) in offsets) changes.Add(new(Encoding.UTF8.GetBytes(key.ToString()), offset.Encode()));
        return SubmitAsync(changes);
    }

    public Task<CommitOutcome> RemoveAsync(IReadOnlyList<OffsetKey> keys)
    {
        var changes = new List<KeyValuePair<byte[], byte[]?>>(keys.Count);
        foreach (OffsetKey key in keys) changes.Add(new(Encoding.UTF8.GetBytes(key.ToString()), null));
        return SubmitAsync(changes);
    }

    /// <summary>A deleted topic's offsets go, or a new topic of the same name would be read from the old one's positions.</summary>
    public void ForgetTopic(string topic)
    {
        var gone = new List<OffsetKey>();
        foreach ((string text, _) in _table.Value.Snapshot())
        {
            if (OffsetKey.TryParse(text, out OffsetKey key) && key.Topic == topic) gone.Add(key);
        }
        _ = RemoveAsync(gone); // a fenced journal keeps them; nothing can be written to the topic then either
    }

    private Task<CommitOutcome> SubmitAsync(List<KeyValuePair<byte[], byte[]?>> changes)
    {
        if (changes.Count == 0) return Task.FromResult(new CommitOutcome(AppendStatus.Ok));
        var item = new TableCommit(_table.Value, changes);
        journal.Submit(item);
        return item.Done;
    }
}
