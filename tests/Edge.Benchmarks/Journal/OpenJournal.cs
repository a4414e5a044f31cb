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

    private OpenJournal(string directory, Edge.Log.Journal journal, IngestPipeline ingest) => (_directory, Journal, Ingest) = (directory, journal, ingest);

    public Edge.Log.Journal Journal { get; }
    public IngestPipeline Ingest { get; }

    public static OpenJournal Open(string work)
    {
        string directory = Path.Combine(work, $"journal-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        Edge.Log.Journal journal = Edge.Log.Journal.Open(new PosixDisk(directory), new LogOptions(), TimeProvider.System, NullLogger.Instance);
        journal.Start();
        return new OpenJournal(directory, journal, new IngestPipeline(journal, new IngestOptions()));
    }

    public IReadOnlyList<Partition> Partitions(string topic, int count)
    {
        TopicChange change = Journal.Topics.CreateAsync(topic, count, new TopicConfig()).GetAwaiter().GetResult();
        return change.Topic?.Partitions ?? throw new InvalidOperationException($"{topic}: {change.Status} {change.Reason}");
    }

    public async ValueTask DisposeAsync()
    {
        await Ingest.DisposeAsync();
        await Journal.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
