using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Edge.Hardware.Payload;
using Edge.Ingest;
using Edge.Log.Records;

namespace Edge.Hardware.Sampling;

/// <summary>Gives the readings of one sensor to ingest, all of one sampling at once so that they share a commit.</summary>
/// <remarks>Never holds the sampler up: while ingest cannot take more, the newest reading of each metric waits and older ones are dropped and counted. Edges keep their order.</remarks>
internal sealed class ReadingPublisher(SensorOptions options, IReadingSink sink, TimeProvider timeProvider)
{
    private const int EdgesAtOnce = 256;

    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(100), RefusedPause = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly LatestReadings _latest = new();
    private readonly EdgeQueue _edges = new();
    private readonly IReadingEncoder _encoder = ReadingEncoders.Of(options.Payload);
    private long _published;

    public long Published => Interlocked.Read(ref _published);

    public long Dropped => _latest.Dropped + _edges.Dropped;

    /// <summary>Why ingest did not take readings, the newest; null while it always did.</summary>
    public string? LastError { get; private set; }

    /// <summary>Takes over what can be published: everything with a number.</summary>
    public void Post(IReadOnlyList<SensorReading> readings)
    {
        _latest.Put(readings.Where(static r => r.Quality != SensorQuality.Fault));
        _signal.Writer.TryWrite(true);
    }

    /// <summary>Takes an edge over; thread-safe, never blocks.</summary>
    public void PostEdge(SensorReading edge)
    {
        _edges.Add(edge);
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
            if (worst == IngestStatus.Ok)
            {
                if (!_edges.IsEmpty) _signal.Writer.TryWrite(true);
                continue;
            }
            if (worst == IngestStatus.Busy) await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(worst == IngestStatus.Busy ? BusyPause : RefusedPause, timeProvider, cancellationToken).ConfigureAwait(false);
            _signal.Writer.TryWrite(true);
        }
        do
        {
            if (await PublishAsync(cancellationToken).ConfigureAwait(false) != IngestStatus.Ok) return;
        }
        while (!_edges.IsEmpty);
    }

    private async Task<IngestStatus> PublishAsync(CancellationToken cancellationToken)
    {
        SensorReading[] edges = _edges.Peek(EdgesAtOnce), readings = _latest.Take();
        Task<IngestStatus>[] submissions = [.. edges.Concat(readings).Select(r => SubmitAsync(r, cancellationToken))];
        IngestStatus worst = IngestStatus.Ok;
        int edgesDone = 0;
        for (int i = 0; i < submissions.Length; i++)
        {
            SensorReading reading = i < edges.Length ? edges[i] : readings[i - edges.Length];
            // Ingest does not cancel what it has accepted; at stop nobody waits for a stalled disk.
            IngestStatus status = await submissions[i].WaitAsync(cancellationToken).ConfigureAwait(false);
            bool isForEver = status is IngestStatus.TooLarge or IngestStatus.InvalidTopic; // would be refused again
            if (status == IngestStatus.Ok) Interlocked.Increment(ref _published);
            else if (!isForEver) worst = status;
            if (i < edges.Length)
            {
                // What follows a refused edge is kept too, though it may be durable already: an edge may come twice (same sequence), never be missing.
                if (edgesDone == i && (status == IngestStatus.Ok || isForEver)) edgesDone++;
                if (isForEver) _edges.CountDropped();
            }
            else if (isForEver) _latest.CountDropped();
            else if (status != IngestStatus.Ok) _latest.PutBack(reading);
            if (status != IngestStatus.Ok) LastError = $"Sensor '{options.Name}': ingest answered {status} for {reading.Metric} to topic '{options.Topic}'.";
        }
        _edges.Remove(edgesDone);
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
                    Value = _encoder.Encode(sink.DeviceId, options.Name, reading),
                    Headers = Headers(reading),
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

    private List<RecordHeader> Headers(in SensorReading reading)
    {
        var headers = new List<RecordHeader> { _encoder.ContentType };
        if (reading.Quality != SensorQuality.Good) headers.Add(new("quality", Encoding.UTF8.GetBytes(QualityName.Of(reading.Quality))));
        if (reading.Edge is not { } edge) return headers;
        headers.Add(Number("gpio.time-ns", edge.TimeNs));
        headers.Add(Number("gpio.sequence", edge.Sequence));
        if (edge.LostBefore > 0) headers.Add(Number("gpio.lost-before", edge.LostBefore));
        return headers;
    }

    private static RecordHeader Number(string name, long value) => new(name, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

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
