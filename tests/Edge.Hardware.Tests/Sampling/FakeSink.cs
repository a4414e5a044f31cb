using System.Collections.Concurrent;
using Edge.Hardware.Sampling;
using Edge.Ingest;

namespace Edge.Hardware.Tests.Sampling;

/// <summary>Ingest in memory, with the answer a test wants.</summary>
internal sealed class FakeSink : IReadingSink
{
    private readonly ConcurrentQueue<IngestRecord> _records = new();

    public string DeviceId => "edge-t";

    public volatile IngestStatus Answer = IngestStatus.Ok;

    /// <summary>While set, submissions wait for it: a disk that stalls.</summary>
    public volatile TaskCompletionSource? Stall;

    public int Submissions;

    public IReadOnlyList<IngestRecord> Records => [.. _records];

    public async ValueTask<IngestStatus> SubmitAsync(IngestRecord record, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Submissions);
        if (Stall is { } stall) await stall.Task; // as the pipeline: what was accepted is not cancelled
        IngestStatus answer = Answer;
        if (answer == IngestStatus.Ok) _records.Enqueue(record);
        return answer;
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => default;
}
