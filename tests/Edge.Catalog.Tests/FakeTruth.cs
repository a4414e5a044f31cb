using System.Collections.Concurrent;
using Edge.Catalog.Store;

namespace Edge.Catalog.Tests;

/// <summary>A journal's table and topics in memory.</summary>
internal sealed class FakeTruth : ICatalogTruth
{
    private readonly ConcurrentDictionary<string, byte[]> _entries = new();
    private readonly ConcurrentDictionary<string, CatalogTopic> _topics = new();
    private long _puts;

    public event Action<string>? EntryChanged;

    public event Action<string>? TopicChanged;

    public bool Refuses { get; set; }

    public long Puts => Interlocked.Read(ref _puts);

    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Entries() => [.. _entries.Select(e => KeyValuePair.Create(e.Key, (ReadOnlyMemory<byte>)e.Value))];

    public bool TryGetEntry(string key, out ReadOnlyMemory<byte> value)
    {
        bool found = _entries.TryGetValue(key, out byte[]? bytes);
        value = bytes;
        return found;
    }

    public IEnumerable<CatalogTopic> Topics() => _topics.Values;

    public CatalogTopic? Topic(string name) => _topics.GetValueOrDefault(name);

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte>? value)
    {
        Interlocked.Increment(ref _puts);
        if (Refuses) return Task.FromResult(false);
        if (value is { } bytes) _entries[key] = bytes.ToArray();
        else _entries.TryRemove(key, out _);
        EntryChanged?.Invoke(key);
        return Task.FromResult(true);
    }

    public void PutTopic(string name, CatalogTopic? topic)
    {
        if (topic is not null) _topics[name] = topic;
        else _topics.TryRemove(name, out _);
        TopicChanged?.Invoke(name);
    }
}
