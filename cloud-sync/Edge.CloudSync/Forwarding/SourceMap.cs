using System.Collections.Concurrent;
using Edge.CloudSync.Cursors;
using Edge.Log;
using Edge.Log.Topics;

namespace Edge.CloudSync.Forwarding;

/// <summary>The local partitions that go up, with their state; guards them against retention from the moment they exist.</summary>
internal sealed class SourceMap : IDisposable
{
    private readonly Journal _journal;
    private readonly SyncOptions _options;
    private readonly CursorStore _cursors;
    private readonly TopicFilter _filter;
    private readonly ConcurrentDictionary<Partition, SourcePartition> _sources = new();
    private readonly ConcurrentDictionary<Topic, bool> _matches = new();

    public SourceMap(Journal journal, SyncOptions options, CursorStore cursors)
    {
        (_journal, _options, _cursors) = (journal, options, cursors);
        _filter = new TopicFilter(options.Include, options.Exclude);
        _journal.Topics.Changed += OnTopicChanged;
        foreach (Topic topic in _journal.Topics.All) OnTopicChanged(topic);
    }

    public IEnumerable<SourcePartition> All => _sources.Values;

    /// <summary>The state of a partition; null when it does not go up. Cheap: asked for every frame.</summary>
    public SourcePartition? Find(Partition partition)
    {
        if (_sources.TryGetValue(partition, out SourcePartition? source)) return source;
        if (!_matches.GetOrAdd(partition.Topic, topic => _filter.Matches(topic.Name))) return null;
        return _sources.GetOrAdd(partition, Make);
    }

    /// <summary>Drops the state of deleted topics. Their cursors stay: a topic made again goes on at its old end offset.</summary>
    public void DropDeleted()
    {
        foreach (Partition partition in _sources.Keys)
        {
            if (!partition.Topic.IsDeleted) continue;
            _sources.TryRemove(partition, out _);
            _matches.TryRemove(partition.Topic, out _);
        }
    }

    public void Dispose() => _journal.Topics.Changed -= OnTopicChanged;

    private void OnTopicChanged(Topic topic)
    {
        if (topic.IsDeleted) return;
        foreach (Partition partition in topic.Partitions) Find(partition);
    }

    private SourcePartition Make(Partition partition)
    {
        SyncCursor? cursor = _cursors.Load(SyncCursor.KeyOf(partition.Topic.Name, partition.Index));
        var source = new SourcePartition(partition, _options, _journal.DeviceId, _journal.LogId, cursor);
        partition.RetentionFloor = source.NextToRead;
        return source;
    }
}
