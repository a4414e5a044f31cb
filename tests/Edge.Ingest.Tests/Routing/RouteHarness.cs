using Edge.Log;
using Edge.Log.Topics;
using Edge.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Ingest.Tests.Routing;

/// <summary>A pipeline over a running journal, for routes to make topics in.</summary>
internal sealed class RouteHarness : IAsyncDisposable
{
    public RouteHarness(IngestOptions? options = null)
    {
        Journal = Journal.Open(new SimulatedDisk(1), new LogOptions { SegmentBytes = 8 << 20, MaxBytes = 1L << 30, MinFreeBytes = 0 }, TimeProvider.System, NullLogger.Instance);
        Journal.Start();
        Pipeline = new IngestPipeline(Journal, options ?? new IngestOptions());
    }

    public static TimeSpan Deadline => TimeSpan.FromSeconds(30);

    public Journal Journal { get; }

    public IngestPipeline Pipeline { get; }

    public async Task CreateTopicAsync(string name, int partitions) => await Journal.Topics.CreateAsync(name, partitions, new TopicConfig()).WaitAsync(Deadline);

    public async ValueTask DisposeAsync()
    {
        await Pipeline.DisposeAsync();
        await Journal.DisposeAsync();
    }
}
