using System.Threading.Channels;
using Edge.Catalog.Store;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace Edge.Catalog;

// Following the journal: changes are gathered by key and written together.
public sealed partial class CatalogStore
{
    internal const int BatchSize = 100;
    internal static readonly TimeSpan BatchTime = TimeSpan.FromSeconds(2);

    private readonly Lock _waitingLock = new();
    private readonly HashSet<string> _waitingEntries = new(StringComparer.Ordinal), _waitingTopics = new(StringComparer.Ordinal); // guarded by _waitingLock
    private readonly Channel<bool> _first = Signal(), _full = Signal();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _following = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _follower = Task.CompletedTask;

    /// <summary>Completes once the file equals the journal; from then on it follows it.</summary>
    public Task Following => _following.Task;

    /// <summary>Begins to open the file, to compare it with the journal and to follow it, in the background: a start never waits for the catalog.</summary>
    public void Start()
    {
        lock (_fileLock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_follower == Task.CompletedTask) _follower = Task.Run(FollowAsync);
        }
    }

    /// <summary>Writes what is waiting now instead of within 2 s.</summary>
    public void Flush()
    {
        lock (_fileLock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            WriteWaiting();
        }
    }

    private static Channel<bool> Signal() => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private void OnEntryChanged(string key)
    {
        lock (_waitingLock) _waitingEntries.Add(key);
        Wake();
    }

    private void OnTopicChanged(string name)
    {
        lock (_waitingLock) _waitingTopics.Add(name);
        Wake();
    }

    private void Wake()
    {
        _first.Writer.TryWrite(true);
        bool full;
        lock (_waitingLock) full = _waitingEntries.Count + _waitingTopics.Count >= BatchSize;
        if (full) _full.Writer.TryWrite(true);
    }

    private async Task FollowAsync()
    {
        try
        {
            lock (_fileLock) WriteWaiting(); // opens the file, which compares all of it
            _following.TrySetResult();
            while (true)
            {
                await _first.Reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                await GatherAsync().ConfigureAwait(false);
                lock (_fileLock) WriteWaiting();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            lock (_fileLock) WriteWaiting();
        }
        finally { _following.TrySetCanceled(); }
    }

    /// <summary>Waits until a batch is full or its time is up.</summary>
    private async Task GatherAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task time = Task.Delay(BatchTime, _timeProvider, limit.Token);
        Task full = _full.Reader.ReadAsync(limit.Token).AsTask();
        await Task.WhenAny(time, full).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Looks up what each changed key is by now, so that events out of order do no harm, and writes it. Holds _fileLock.</summary>
    private void WriteWaiting()
    {
        try
        {
            CatalogFile file = OpenFile();
            string[] entries, topics;
            lock (_waitingLock)
            {
                (entries, topics) = ([.. _waitingEntries], [.. _waitingTopics]);
                _waitingEntries.Clear();
                _waitingTopics.Clear();
            }
            var changes = new List<(string, BsonValue, BsonDocument?)>(entries.Length + topics.Length);
            foreach (string key in entries)
            {
                if (!CatalogDocuments.TryLocate(key, out string collection, out BsonValue id)) continue;
                object? entry = _truth.TryGetEntry(key, out ReadOnlyMemory<byte> value) ? Parse(key, value) : null;
                changes.Add((collection, id, entry is null ? null : CatalogDocuments.From(entry)));
            }
            foreach (string name in topics)
                changes.Add((CatalogDocuments.Topics, CatalogDocuments.Id(name), _truth.Topic(name) is { } topic ? CatalogDocuments.From(topic) : null));
            foreach (var chunk in changes.Chunk(MaxTransaction)) Write(file, [.. chunk]);
        }
        catch (Exception e)
        {
            try { Reopen(e); } // compares everything: what was taken from the waiting set is written as well
            catch (Exception again)
            {
                // Not even memory: nothing to do but to go on; the next change tries again.
                _file = null;
                GaveUp(_logger, again.Message);
            }
        }
    }

    [LoggerMessage(2005, LogLevel.Error, "The catalog cannot be kept ({Cause}); it is tried again with the next change. Ingest is not affected")]
    private static partial void GaveUp(ILogger logger, string cause);
}
