using LiteDB;

namespace Edge.Catalog.Store;

/// <summary>The LiteDB database: reads, and writes in whole batches. Not thread-safe; the store holds its lock around every call.</summary>
/// <remarks>LiteDB writes 849 bytes to the device per payload byte when entries go one by one and 26 in batches of a hundred, so nothing here writes a single entry.</remarks>
internal sealed class CatalogFile : IDisposable
{
    private readonly LiteDatabase _database;

    /// <param name="path">Null: in memory.</param>
    /// <exception cref="LiteException">It is not a database, or a damaged one.</exception>
    /// <exception cref="IOException">It is locked by another process, or cannot be read.</exception>
    public CatalogFile(string? path)
    {
        _database = new LiteDatabase(new ConnectionString
        {
            Filename = path ?? ":memory:",
            Connection = ConnectionType.Direct,
            Collation = Collation.Binary, // the default takes client "A" and client "a" for one
        });
        try
        {
            if (_database.Collation.SortOptions != Collation.Binary.SortOptions) throw new LiteException(0, "the file was made with another collation");
            foreach (string collection in CatalogDocuments.Collections) _database.GetCollection(collection).Count(); // damage shows here, not at the first question
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    public IEnumerable<BsonDocument> All(string collection) => _database.GetCollection(collection).FindAll();

    public BsonDocument? Find(string collection, BsonValue id) => _database.GetCollection(collection).FindById(id);

    /// <summary>Documents in order of their ids, those after <paramref name="after"/>.</summary>
    public IReadOnlyList<BsonDocument> Page(string collection, BsonValue? after, int limit) => after is null
        ? [.. _database.GetCollection(collection).Find(Query.All("_id"), 0, limit)]
        : [.. _database.GetCollection(collection).Find(Query.GT("_id", after), 0, limit)];

    public int Count(string collection) => _database.GetCollection(collection).Count();

    /// <summary>One transaction for all. A document that is null is removed.</summary>
    public void Apply(IReadOnlyCollection<(string Collection, BsonValue Id, BsonDocument? Document)> changes)
    {
        if (changes.Count == 0) return;
        _database.BeginTrans();
        try
        {
            foreach ((string collection, BsonValue id, BsonDocument? document) in changes)
            {
                if (document is null) _database.GetCollection(collection).Delete(id);
                else _database.GetCollection(collection).Upsert(document);
            }
            _database.Commit();
        }
        catch
        {
            _database.Rollback();
            throw;
        }
    }

    public void Dispose() => _database.Dispose();
}
