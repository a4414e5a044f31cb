using Edge.Catalog.Store;
using Edge.Log;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace Edge.Catalog;

/// <summary>Topics, devices, routes and sensors to ask for: a read model in a LiteDB file, fed from the journal.</summary>
/// <remarks>
/// The truth is the journal (its topics and the internal table <c>__catalog</c>). The file is compared with it at start and then follows it up to 2 s behind;
/// deleting the file loses nothing. A damaged or locked one is moved aside and built anew; where no file can be used the catalog lives in memory.
/// It never stops the appliance. Thread-safe.
/// </remarks>
public sealed partial class CatalogStore : IDisposable, IAsyncDisposable
{
    private readonly string _path;
    private readonly ICatalogTruth _truth;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Lock _fileLock = new();
    private CatalogFile? _file; // guarded by _fileLock, as are the next four
    private bool _isInMemory, _isDisposed;
    private long _batches, _changes, _rebuilds, _unreadable;

    /// <param name="path">The LiteDB file, for example <c>catalog.db</c> in the data directory. Opened in the background.</param>
    /// <param name="journal">Where the truth is.</param>
    /// <param name="timeProvider">Times the batches.</param>
    /// <param name="loggerFactory">Told when a file was moved aside.</param>
    public CatalogStore(string path, Journal journal, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(path, new JournalTruth(journal), timeProvider, loggerFactory)
    {
    }

    internal CatalogStore(string path, ICatalogTruth truth, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        (_path, _truth, _timeProvider, _logger) = (path, truth, timeProvider, loggerFactory.CreateLogger<CatalogStore>());
        _truth.EntryChanged += OnEntryChanged;
        _truth.TopicChanged += OnTopicChanged;
    }

    public CatalogStatistics Statistics
    {
        get
        {
            int waiting;
            lock (_waitingLock) waiting = _waitingEntries.Count + _waitingTopics.Count;
            return new(_following.Task.IsCompletedSuccessfully, Volatile.Read(ref _isInMemory), Interlocked.Read(ref _batches), Interlocked.Read(ref _changes), Interlocked.Read(ref _rebuilds), Interlocked.Read(ref _unreadable), waiting);
        }
    }

    /// <summary>Devices by client id, those after <paramref name="after"/>.</summary>
    /// <param name="after">Last client id of the page before; null for the first page.</param>
    /// <param name="limit">1 to 10 000.</param>
    /// <exception cref="CatalogUnavailableException">The catalog cannot answer now. So do all questions.</exception>
    public IReadOnlyList<CatalogDevice> Devices(string? after = null, int limit = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        BsonValue? id = after is null ? null : CatalogDocuments.Id(after);
        return Ask(file => file.Page(CatalogDocuments.Devices, id, limit).Select(CatalogDocuments.Device).ToList());
    }

    /// <summary>Null: no device of that name was seen.</summary>
    public CatalogDevice? Device(string clientId) =>
        Ask(file => file.Find(CatalogDocuments.Devices, CatalogDocuments.Id(clientId)) is { } found ? CatalogDocuments.Device(found) : null);

    public int DeviceCount => Ask(static file => file.Count(CatalogDocuments.Devices));

    /// <summary>All topics by name, internal ones included.</summary>
    public IReadOnlyList<CatalogTopic> Topics() => Ask(static file => file.Page(CatalogDocuments.Topics, null, int.MaxValue).Select(CatalogDocuments.Topic).ToList());

    /// <summary>All routes in the order in which they are tried.</summary>
    public IReadOnlyList<CatalogRoute> Routes() => Ask(static file => file.Page(CatalogDocuments.Routes, null, int.MaxValue).Select(CatalogDocuments.Route).ToList());

    /// <summary>All configured sensors by name.</summary>
    public IReadOnlyList<CatalogSensor> Sensors() => Ask(static file => file.Page(CatalogDocuments.Sensors, null, int.MaxValue).Select(CatalogDocuments.Sensor).ToList());

    /// <summary>Puts the configured routes and sensors into the journal, where they differ from what is there, and removes those that are gone.</summary>
    /// <returns>True once all is durable; false when the journal refused, with the catalog as it was for the rest.</returns>
    public async Task<bool> SetConfigurationAsync(IReadOnlyList<CatalogRoute> routes, IReadOnlyList<CatalogSensor> sensors)
    {
        var wanted = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (CatalogRoute route in routes) wanted[CatalogKeys.ForRoute(route.Index)] = CatalogJson.Write(route);
        foreach (CatalogSensor sensor in sensors) wanted[CatalogKeys.ForSensor(sensor.Name)] = CatalogJson.Write(sensor);
        var puts = new List<Task<bool>>();
        foreach ((string key, ReadOnlyMemory<byte> value) in _truth.Entries())
        {
            if (!key.StartsWith(CatalogKeys.Route, StringComparison.Ordinal) && !key.StartsWith(CatalogKeys.Sensor, StringComparison.Ordinal)) continue;
            if (!wanted.TryGetValue(key, out byte[]? now)) puts.Add(_truth.PutAsync(key, null));
            else if (value.Span.SequenceEqual(now)) wanted.Remove(key);
        }
        foreach ((string key, byte[] value) in wanted) puts.Add(_truth.PutAsync(key, value));
        return Array.TrueForAll(await Task.WhenAll(puts).ConfigureAwait(false), static durable => durable);
    }

    /// <summary>Throws the file away and builds it from the journal. Questions wait for it.</summary>
    public void Rebuild()
    {
        lock (_fileLock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Reopen(null);
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Writes what is waiting and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_fileLock)
        {
            if (_isDisposed) return;
            _isDisposed = true; // from here on only the follower's last write
        }
        _truth.EntryChanged -= OnEntryChanged;
        _truth.TopicChanged -= OnTopicChanged;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _follower.ConfigureAwait(false);
        lock (_fileLock)
        {
            CloseFile();
            _file = null;
        }
        (_truth as IDisposable)?.Dispose();
        _stop.Dispose();
    }

    private T Ask<T>(Func<CatalogFile, T> question)
    {
        lock (_fileLock)
        {
            if (_isDisposed) throw new CatalogUnavailableException("The catalog is stopped.");
            try { return question(OpenFile()); }
            catch (Exception e) // LiteDB meets damage with exceptions of every kind
            {
                try
                {
                    Reopen(e);
                    return question(OpenFile());
                }
                catch (Exception again) { throw new CatalogUnavailableException($"The catalog cannot answer: {again.Message}", again); }
            }
        }
    }
}
