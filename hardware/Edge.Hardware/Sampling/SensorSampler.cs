using Microsoft.Extensions.Logging;

namespace Edge.Hardware.Sampling;

/// <summary>Samples one sensor on its interval, hands the readings on, and keeps its status.</summary>
internal sealed partial class SensorSampler : IDisposable
{
    internal static readonly TimeSpan MinBackOff = TimeSpan.FromSeconds(1), MaxBackOff = TimeSpan.FromSeconds(60);

    private readonly SensorOptions _options;
    private readonly SensorReader _reader;
    private readonly ReadingPublisher _publisher;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _faultyMetrics = new(StringComparer.Ordinal);
    private IReadOnlyList<SensorReading> _values = [];
    private DateTimeOffset? _lastRead;
    private long _reads, _faults, _missed;
    private bool _isHealthy = true;
    private string? _lastError;

    public SensorSampler(SensorOptions options, ISensor sensor, IReadingSink sink, TimeProvider timeProvider, ILogger logger)
    {
        (_options, _timeProvider, _logger) = (options, timeProvider, logger);
        _reader = new SensorReader(options.Name, sensor, timeProvider);
        _publisher = new ReadingPublisher(options, sink, timeProvider);
    }

    public string Name => _options.Name;

    public SensorStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new(
                    Name, _options.Driver, _options.Topic, _options.Interval, _isHealthy, _values, _lastRead, _reads, _faults,
                    _publisher.Published, _publisher.Dropped, _missed, _lastError ?? _publisher.LastError);
            }
        }
    }

    /// <summary>Samples until <paramref name="stop"/>, then publishes what is left; <paramref name="abort"/> ends that too.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        Task publishing = _publisher.RunAsync(abort);
        try { await SampleAsync(stop).ConfigureAwait(false); }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        _publisher.Complete();
        try { await publishing.ConfigureAwait(false); }
        catch (OperationCanceledException) when (abort.IsCancellationRequested) { }
    }

    /// <summary>One reading now, not published; the status shows it.</summary>
    /// <exception cref="SensorException">It cannot be read.</exception>
    public async Task<IReadOnlyList<SensorReading>> ReadOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<SensorReading> readings = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            Note(readings);
            return readings;
        }
        catch (SensorException e)
        {
            Note(e);
            throw;
        }
    }

    public void Dispose() => _reader.Dispose();

    private async Task SampleAsync(CancellationToken stop)
    {
        var schedule = new Schedule(_timeProvider, _options.Interval);
        TimeSpan backOff = MinBackOff;
        while (true)
        {
            if (schedule.Due is { Ticks: > 0 } due) await Task.Delay(due, _timeProvider, stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            try
            {
                _publisher.Post(await ReadOnceAsync(stop).ConfigureAwait(false));
                backOff = MinBackOff;
                schedule.Advance();
                lock (_lock) _missed = schedule.Missed;
            }
            catch (SensorException)
            {
                schedule.AdvanceAfter(backOff);
                backOff = backOff * 2 < MaxBackOff ? backOff * 2 : MaxBackOff;
            }
        }
    }

    private void Note(IReadOnlyList<SensorReading> readings)
    {
        lock (_lock)
        {
            _values = readings;
            _lastRead = _timeProvider.GetUtcNow();
            _reads++;
            if (!_isHealthy) SensorBack(_logger, Name);
            _isHealthy = true;
            foreach (SensorReading reading in readings)
            {
                if (reading.Quality == SensorQuality.Good) { _faultyMetrics.Remove(reading.Metric); continue; }
                _faults++;
                _lastError = reading.Error;
                if (_faultyMetrics.Count < ReadingBuffer.MaxReadings && _faultyMetrics.Add(reading.Metric)) MetricFault(_logger, Name, reading.Error);
            }
        }
    }

    private void Note(SensorException error)
    {
        lock (_lock)
        {
            _faults++;
            _lastError = error.Message;
            if (_isHealthy) SensorFailed(_logger, error.Message);
            _isHealthy = false;
        }
    }

    // Once when it begins and once when it ends: a sensor that is missing for a week is two lines.
    [LoggerMessage(6001, LogLevel.Warning, "{Error}. It is tried again with a growing pause of up to 60 s")]
    private static partial void SensorFailed(ILogger logger, string error);

    [LoggerMessage(6002, LogLevel.Information, "Sensor '{Sensor}' answers again")]
    private static partial void SensorBack(ILogger logger, string sensor);

    [LoggerMessage(6003, LogLevel.Warning, "Sensor '{Sensor}': {Error}. Its other readings go on")]
    private static partial void MetricFault(ILogger logger, string sensor, string? error);
}
