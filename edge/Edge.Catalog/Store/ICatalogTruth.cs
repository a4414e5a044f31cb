namespace Edge.Catalog.Store;

/// <summary>What the catalog is built from: the journal's internal table and its topics.</summary>
internal interface ICatalogTruth
{
    /// <summary>A key of <c>__catalog</c> changed. Must return at once.</summary>
    event Action<string>? EntryChanged;

    /// <summary>A topic of that name was created, altered or deleted. Must return at once.</summary>
    event Action<string>? TopicChanged;

    IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Entries();

    bool TryGetEntry(string key, out ReadOnlyMemory<byte> value);

    IEnumerable<CatalogTopic> Topics();

    /// <summary>Null: there is no such topic.</summary>
    CatalogTopic? Topic(string name);

    /// <summary>Null removes. True once it is durable.</summary>
    Task<bool> PutAsync(string key, ReadOnlyMemory<byte>? value);
}
