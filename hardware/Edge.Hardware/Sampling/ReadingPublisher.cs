using System.Text;
using System.Threading.Channels;
using Edge.Hardware.Payload;
using Edge.Ingest;
using Edge.Log.Records;

namespace Edge.Hardware.Sampling;

/// <summary>Gives the readings of one sensor to ingest, all of one sampling at once so that they share a commit.</summary>
/// <remarks>Never holds the sampler up: while ingest cannot take more, the newest reading of each metric waits and older ones are dropped and counted.</remarks>
internal sealed class ReadingPublisher(SensorOptions options, IReadingSink sink, TimeProvider timeProvider)
{
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(100), RefusedPause = TimeSpan.FromSeconds(1);
    private static readonly RecordHeader ContentType = new("content-type", Encoding.UTF8.GetBytes(SenMl.ContentType));
    private static readonly RecordHeader OutOfRange = new("quality", "out-of-range"u8.ToArray());

    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly LatestReadings _latest = new();
    private readonly string _baseName = SenMl.BaseName(sink.DeviceId, options.Name);
    private long _published;

    public long Published => Interlocked.Read(ref _published);

    public long Dropped => _latest.Dropped;

    /// <summary>Why ingest did not take readings, the newest; null while it always did.</summary>
    public string? LastError { get; private set; }

    /// <summary>Takes over what can be published: everything with a number.</summary>
    public void Post(IReadOnlyList<SensorReading> readings)
    {
        _latest.Put(readings.Where(static r => r.Quality != SensorQuality.Fault));
        _signal.Writer.TryWrite(true);
    }

    /// <summary>No more readings come: <see cref="RunAsync"/> ends after one last try.</summary>
    public void Complete() => _signal.Writer.TryComplete();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await _signal.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _signal.Reader.TryRead(out _);
            IngestStatus worst = await PublishAsync(cancellationToken).ConfigureAwait(false);
            if (worst == IngestStatus.Ok) continue;
            if (worst == IngestStatus.Busy) await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(worst == IngestStatus.Busy ? BusyPause : RefusedPause, timeProvider, cancellationToken).ConfigureAwait(false);
            _signal.Writer.TryWrite(true);
        }
        if (!_latest.IsEmpty) await PublishAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<IngestStatus> PublishAsync(CancellationToken cancellationToken)
    {
        SensorReading[] readings = _latest.Take();
        Task<IngestStatus>[] submissions = [.. readings.Select(r => SubmitAsync(r, cancellationToken))];
        IngestStatus worst = IngestStatus.Ok;
        for (int i = 0; i < readings.Length; i++)
        {
            // Ingest does not cancel what it has accepted; at stop nobody waits for a stalled disk.
            IngestStatus status = await submissions[i].WaitAsync(cancellationToken).ConfigureAwait(false);
            switch (status)
            {
                case IngestStatus.Ok: Interlocked.Increment(ref _published); continue;
                case IngestStatus.TooLarge or IngestStatus.InvalidTopic: _latest.CountDropped(); break; // would be refused for ever
                default: _latest.PutBack(readings[i]); worst = status; break;
            }
            LastError = $"Sensor '{options.Name}': ingest answered {status} for {readings[i].Metric} to topic '{options.Topic}'.";
        }
        return worst;
    }

    private async Task<IngestStatus> SubmitAsync(SensorReading reading, CancellationToken cancellationToken)
    {
        try
        {
            return await sink.SubmitAsync(
                new IngestRecord
                {
                    Topic = options.Topic,
                    Key = Key(reading.Metric),
                    Value = SenMl.Write(_baseName, reading),
                    Headers = reading.Quality == SensorQuality.OutOfRange ? [ContentType, OutOfRange] : [ContentType],
                    TimestampMs = reading.TimestampMs,
                    Source = options.Name,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return IngestStatus.Fenced; // a journal that throws is one that takes nothing now
        }
    }

    /// <summary>Null, Kafka's "no key", when the template is empty.</summary>
    private byte[]? Key(string metric) => string.IsNullOrEmpty(options.Key)
        ? null
        : Encoding.UTF8.GetBytes(options.Key.Replace("{sensor}", options.Name, StringComparison.Ordinal).Replace("{metric}", metric, StringComparison.Ordinal));

    private async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try { await sink.WaitForRoomAsync(limit.Token).AsTask().WaitAsync(RefusedPause, timeProvider, cancellationToken).ConfigureAwait(false); }
        catch (TimeoutException) { }
        finally { await limit.CancelAsync().ConfigureAwait(false); }
    }
}
