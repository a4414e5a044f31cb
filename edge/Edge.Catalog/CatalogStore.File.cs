using Edge.Catalog.Store;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace Edge.Catalog;

// The file: opening, comparing with the journal, giving it up. Everything here holds _fileLock.
public sealed partial class CatalogStore
{
    /// <summary>Largest transaction. LiteDB keeps its pages in memory.</summary>
    private const int MaxTransaction = 500;

    /// <summary>The open file, in step with the journal. A file that cannot be used is replaced here.</summary>
    private CatalogFile OpenFile()
    {
        if (_file is not null) return _file;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            _file = new CatalogFile(_path);
            Synchronise(_file);
        }
        catch (Exception e) { Reopen(e); }
        return _file!;
    }

    /// <summary>Moves the file aside (or throws it away, when there is no <paramref name="cause"/>) and builds a new one; in memory when that fails too.</summary>
    private void Reopen(Exception? cause)
    {
        CloseFile();
        _file = null;
        try
        {
            string? movedTo = DamagedFiles.MoveAside(_path, _timeProvider.GetUtcNow(), keep: cause is not null);
            if (cause is not null)
            {
                Interlocked.Increment(ref _rebuilds);
                FileMovedAside(_logger, _path, movedTo ?? "nothing", cause.Message);
            }
            _file = new CatalogFile(_path);
            Volatile.Write(ref _isInMemory, false);
            Synchronise(_file);
        }
        catch (Exception e)
        {
            FileUnusable(_logger, _path, e.Message);
            CloseFile();
            _file = new CatalogFile(null);
            Volatile.Write(ref _isInMemory, true);
            Synchronise(_file);
        }
    }

    private void CloseFile()
    {
        try { _file?.Dispose(); }
        catch (Exception e) { CloseFailed(_logger, _path, e.Message); } // a last checkpoint on a damaged file: what matters is in the journal
    }

    /// <summary>Makes the file equal to the journal. Reads all of both, writes what differs.</summary>
    private void Synchronise(CatalogFile file)
    {
        var changes = new List<(string, BsonValue, BsonDocument?)>();
        var known = CatalogDocuments.Collections.ToDictionary(static c => c, static _ => new HashSet<BsonValue>(), StringComparer.Ordinal);
        foreach ((string key, ReadOnlyMemory<byte> value) in _truth.Entries())
        {
            if (!CatalogDocuments.TryLocate(key, out string collection, out BsonValue id)) continue;
            if (Parse(key, value) is { } entry) Compare(collection, id, CatalogDocuments.From(entry));
        }
        foreach (CatalogTopic topic in _truth.Topics()) Compare(CatalogDocuments.Topics, CatalogDocuments.Id(topic.Name), CatalogDocuments.From(topic));
        foreach (string collection in CatalogDocuments.Collections)
        {
            BsonValue[] gone = [.. file.All(collection).Select(static d => d["_id"]).Where(id => !known[collection].Contains(id))];
            foreach (BsonValue id in gone) Add((collection, id, null));
        }
        Write(file, changes);

        void Compare(string collection, BsonValue id, BsonDocument document)
        {
            known[collection].Add(id);
            if (file.Find(collection, id) is not { } found || found.CompareTo(document) != 0) Add((collection, id, document));
        }

        void Add((string, BsonValue, BsonDocument?) change)
        {
            changes.Add(change);
            if (changes.Count < MaxTransaction) return;
            Write(file, changes);
            changes.Clear();
        }
    }

    private void Write(CatalogFile file, List<(string, BsonValue, BsonDocument?)> changes)
    {
        if (changes.Count == 0) return;
        file.Apply(changes);
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _changes, changes.Count);
    }

    private object? Parse(string key, ReadOnlyMemory<byte> value)
    {
        object? entry = CatalogJson.TryRead(key, value);
        if (entry is null && Interlocked.Increment(ref _unreadable) == 1) EntryUnreadable(_logger, key);
        return entry;
    }

    [LoggerMessage(2001, LogLevel.Warning, "The catalog {Path} could not be used ({Cause}). It was moved to {MovedTo} and is built anew from the journal; nothing is lost")]
    private static partial void FileMovedAside(ILogger logger, string path, string movedTo, string cause);

    [LoggerMessage(2002, LogLevel.Error, "No catalog can be written at {Path} ({Cause}). It is held in memory until the next start; nothing is lost")]
    private static partial void FileUnusable(ILogger logger, string path, string cause);

    [LoggerMessage(2003, LogLevel.Debug, "Closing the catalog {Path} failed: {Cause}")]
    private static partial void CloseFailed(ILogger logger, string path, string cause);

    [LoggerMessage(2004, LogLevel.Warning, "The entry {Key} of the internal topic __catalog is in a form this version does not know; it is left out of the catalog. Further ones are only counted")]
    private static partial void EntryUnreadable(ILogger logger, string key);
}
