using Edge.Ingest;
using Edge.Log.Commit;
using Edge.Log.Topics;
using Edge.Mqtt.Subscriptions;

namespace Edge.Mqtt.Retained;

/// <summary>Retained messages by topic, in memory, durable in the table <c>__mqtt_retained</c> in the same commit group as their record.</summary>
/// <remarks>
/// A change is staged under its group when it is submitted and takes effect when the group is durable: on the commit, and, so that a subscriber
/// that acts on an acknowledgement always finds it, before every look-up.
/// </remarks>
internal sealed class RetainedStore : ICommitListener
{
    private readonly record struct Staged(long Group, string Topic, RetainedMessage? Message);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, RetainedMessage> _messages = new(StringComparer.Ordinal);
    private readonly Queue<Staged> _staged = new();
    private readonly HashSet<long> _failed = [];
    private readonly IngestPipeline _ingest;
    private readonly MqttOptions _options;
    private readonly KeyedTable _table;
    private long _bytes, _stagedBytes, _lastGroup = -1;

    public RetainedStore(IngestPipeline ingest, MqttOptions options)
    {
        _ingest = ingest;
        _options = options;
        _table = ingest.Journal.GetTable("__mqtt_retained");
        foreach ((string topic, ReadOnlyMemory<byte> value) in _table.Snapshot())
            if (RetainedMessage.TryDecode(topic, value.Span) is { } message) Apply(topic, message);
    }

    public int Count { get { lock (_gate) return _messages.Count; } }

    /// <summary>Sets or, with an empty payload, removes a retained message together with the record just added. Call inside the gather scope.</summary>
    /// <returns>False when a bound is reached; nothing was changed then.</returns>
    public bool TryStage(IngestPipeline.Gather gather, string topic, byte[] topicUtf8, RetainedMessage? message)
    {
        lock (_gate)
        {
            ApplyDurableLocked();
            bool isKnown = _messages.TryGetValue(topic, out RetainedMessage? old);
            if (message is not null)
            {
                if (!isKnown && _messages.Count + _staged.Count >= _options.MaxRetained) return false;
                if (_bytes + _stagedBytes - (old?.SizeBytes ?? 0) + message.SizeBytes > _options.MaxRetainedBytes) return false;
            }
            long group = gather.Group;
            gather.Put(_table, topicUtf8, message is null ? null : new ReadOnlyMemory<byte>(message.Encode()));
            _staged.Enqueue(new Staged(group, topic, message));
            _stagedBytes += message?.SizeBytes ?? 0;
            if (group != _lastGroup) gather.Notify(this);
            _lastGroup = group;
            return true;
        }
    }

    public void OnCommitted(long group, CommitOutcome outcome)
    {
        lock (_gate)
        {
            if (!outcome.IsDurable) _failed.Add(group);
            ApplyDurableLocked(group);
        }
    }

    /// <summary>All messages that match a filter.</summary>
    public List<RetainedMessage> Match(string filter)
    {
        List<RetainedMessage> found = [];
        lock (_gate)
        {
            ApplyDurableLocked();
            if (!filter.AsSpan().ContainsAny('+', '#'))
            {
                if (_messages.TryGetValue(filter, out RetainedMessage? one)) found.Add(one);
                return found;
            }
            foreach ((string topic, RetainedMessage message) in _messages)
                if (SubscriptionTrie.Matches(filter, topic)) found.Add(message);
        }
        found.Sort(static (a, b) => a.TimestampMs.CompareTo(b.TimestampMs));
        return found;
    }

    private void ApplyDurableLocked(long upTo = -1)
    {
        if (_staged.Count == 0) return;
        long durable = Math.Max(upTo, _ingest.DurableGroup);
        while (_staged.TryPeek(out Staged next) && next.Group <= durable)
        {
            _staged.Dequeue();
            _stagedBytes -= next.Message?.SizeBytes ?? 0;
            if (!_failed.Contains(next.Group)) Apply(next.Topic, next.Message);
        }
        if (_staged.Count == 0) _failed.Clear();
    }

    private void Apply(string topic, RetainedMessage? message)
    {
        if (_messages.Remove(topic, out RetainedMessage? old)) _bytes -= old.SizeBytes;
        if (message is null) return;
        _messages[topic] = message;
        _bytes += message.SizeBytes;
    }
}
