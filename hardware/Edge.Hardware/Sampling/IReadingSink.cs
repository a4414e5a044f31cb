using Edge.Ingest;

namespace Edge.Hardware.Sampling;

/// <summary>The part of ingest that sensors use.</summary>
internal interface IReadingSink
{
    string DeviceId { get; }

    /// <summary>Durable when it completes with <see cref="IngestStatus.Ok"/>.</summary>
    ValueTask<IngestStatus> SubmitAsync(IngestRecord record, CancellationToken cancellationToken);

    ValueTask WaitForRoomAsync(CancellationToken cancellationToken);
}

/// <summary>The real one.</summary>
internal sealed class PipelineSink(IngestPipeline pipeline) : IReadingSink
{
    public string DeviceId => pipeline.Journal.DeviceId;

    public async ValueTask<IngestStatus> SubmitAsync(IngestRecord record, CancellationToken cancellationToken) =>
        (await pipeline.SubmitAsync(record, cancellationToken).ConfigureAwait(false)).Status;

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => pipeline.WaitForRoomAsync(cancellationToken);
}
