using Edge.Log;
using Edge.Log.Topics;

namespace Edge.Catalog.Store;

/// <summary>The journal as the catalog sees it.</summary>
internal sealed class JournalTruth : ICatalogTruth, IDisposable
{
    private readonly KeyedTable _table;
    private readonly TopicRegistry _topics;

    public JournalTruth(Journal journal)
    {
        _table = journal.GetTable(CatalogKeys.Table);
        _topics = journal.Topics;
        _table.Changed += OnEntryChanged;
        _topics.Changed += OnTopicChanged;
    }

    public event Action<string>? EntryChanged;

    public event Action<string>? TopicChanged;

    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Entries() => _table.Snapshot();

    public bool TryGetEntry(string key, out ReadOnlyMemory<byte> value) => _table.TryGet(key, out value);

    public IEnumerable<CatalogTopic> Topics() => _topics.All.Where(static t => !t.IsDeleted).Select(ToCatalog);

    public CatalogTopic? Topic(string name) => _topics.TryGet(name, out Topic? topic) && !topic.IsDeleted ? ToCatalog(topic) : null;

    public async Task<bool> PutAsync(string key, ReadOnlyMemory<byte>? value) => (await _table.PutAsync(key, value).ConfigureAwait(false)).IsDurable;

    public void Dispose()
    {
        _table.Changed -= OnEntryChanged;
        _topics.Changed -= OnTopicChanged;
    }

    private void OnEntryChanged(string key, ReadOnlyMemory<byte>? value) => EntryChanged?.Invoke(key);

    private void OnTopicChanged(Topic topic) => TopicChanged?.Invoke(topic.Name);

    private static CatalogTopic ToCatalog(Topic topic)
    {
        TopicConfig config = topic.Config;
        string cleanup = config.CleanupPolicy switch
        {
            CleanupPolicy.Compact => "compact",
            CleanupPolicy.Compact | CleanupPolicy.Delete => "compact,delete",
            _ => "delete",
        };
        return new(
            topic.Name, topic.Id, topic.Partitions.Count, config.RetentionMs, config.RetentionBytes, cleanup,
            config.Full == FullPolicy.DropOldest ? "drop-oldest" : "reject", topic.IsInternal);
    }
}
