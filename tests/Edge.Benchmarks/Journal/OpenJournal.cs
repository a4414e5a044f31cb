using Edge.Ingest;
using Edge.Log;
using Edge.Log.Storage;
using Edge.Log.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Benchmarks.Journal;

/// <summary>A journal and the pipeline into it, on a real directory that is deleted at the end.</summary>
internal sealed class OpenJournal : IAsyncDisposable
{
    private readonly string _directory;
    private readonly Timer? _retention;

    private OpenJournal(string directory, Edge.Log.Journal journal, IngestPipeline ingest, bool recycles)
    {
        (_directory, Journal, Ingest, Recycles) = (directory, journal, ingest, recycles);
        if (recycles) _retention = new Timer(_ => journal.ApplyRetention(), null, 20, 20);
    }

    public Edge.Log.Journal Journal { get; }
    public IngestPipeline Ingest { get; }

    /// <summary>Sealed segments are removed at once, so that the next one is written over the space of an old one: how a journal runs once the disk was full for the first time.</summary>
    public bool Recycles { get; }

    public static OpenJournal Open(string work, LogOptions? options = null, bool recycles = false)
    {
        string directory = Path.Combine(work, $"journal-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        Edge.Log.Journal journal = Edge.Log.Journal.Open(new PosixDisk(directory), options ?? new LogOptions(), TimeProvider.System, NullLogger.Instance);
        journal.Start();
        return new OpenJournal(directory, journal, new IngestPipeline(journal, new IngestOptions()), recycles);
    }

    public IReadOnlyList<Partition> Partitions(string topic, int count)
    {
        TopicChange change = Journal.Topics.CreateAsync(topic, count, new TopicConfig { RetentionBytes = Recycles ? 0 : -1, RetentionMs = -1 }).GetAwaiter().GetResult();
        return change.Topic?.Partitions ?? throw new InvalidOperationException($"{topic}: {change.Status} {change.Reason}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_retention is not null) await _retention.DisposeAsync();
        await Ingest.DisposeAsync();
        await Journal.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
