using Edge.Hardware.Gpio;
using Edge.Hardware.State;
using Microsoft.Extensions.Logging;

namespace Edge.Hardware.Sampling;

/// <summary>Samples one sensor on its interval, hands the readings on, and keeps its status.</summary>
internal sealed partial class SensorSampler : IDisposable
{
    internal static readonly TimeSpan MinBackOff = TimeSpan.FromSeconds(1), MaxBackOff = TimeSpan.FromSeconds(60);

    private readonly SensorOptions _options;
    private readonly ISensor _sensor;
    private readonly BusWorker _bus;
    private readonly SensorReader _reader;
    private readonly ReadingPublisher _publisher;
    private readonly ReadingShaper _shaper;
    private readonly IStateStore? _states;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _faultyMetrics = new(StringComparer.Ordinal);
    private IReadOnlyList<SensorReading> _values = [];
    private DateTimeOffset? _lastRead;
    private long _reads, _faults, _missed, _lastReadAt;
    private TimeSpan _latest;
    private bool _isHealthy = true;
    private string? _lastError, _savedState;

    public SensorSampler(SensorOptions options, ISensor sensor, BusWorker bus, IReadingSink sink, IStateStore? states, TimeProvider timeProvider, ILogger logger)
    {
        (_options, _sensor, _bus, _states, _timeProvider, _logger) = (options, sensor, bus, states, timeProvider, logger);
        _reader = new SensorReader(options, sensor, bus, timeProvider);
        _publisher = new ReadingPublisher(options, sink, timeProvider);
        _shaper = new ReadingShaper(options, timeProvider);
        if (sensor is IEmitsEdges edges) edges.Emit = _publisher.PostEdge;
        if (sensor is IKeepsState keeper && states?.Load(options.Name) is { } state)
        {
            _savedState = state;
            keeper.Restore(state);
        }
    }

    public string Name => _options.Name;

    public ISensor Sensor => _sensor;

    /// <summary>Age at which the last values are old.</summary>
    private TimeSpan StaleAfter => _options.StaleAfter > TimeSpan.Zero ? _options.StaleAfter : (3 * _options.Interval) + TimeSpan.FromSeconds(5);

    public SensorStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new(
                    Name, _options.Driver, _options.Topic, _options.Interval, _isHealthy, ValuesNow(), _lastRead, _reads, _faults,
                    _publisher.Published, _publisher.Dropped, _missed, _lastError ?? _publisher.LastError)
                {
                    Bus = _bus.Name,
                    Suppressed = _shaper.Suppressed,
                    Retried = _reader.Retried,
                    MaxLateness = _latest,
                };
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
            IReadOnlyList<SensorReading> readings = _shaper.Shape(await _reader.ReadAsync(cancellationToken).ConfigureAwait(false));
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
            TimeSpan jitter = _options.Jitter * Random.Shared.NextDouble();
            if (schedule.Due + jitter is { Ticks: > 0 } due) await Task.Delay(due, _timeProvider, stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            TimeSpan late = -schedule.Due - jitter;
            try
            {
                IReadOnlyList<SensorReading> readings = await ReadOnceAsync(stop).ConfigureAwait(false);
                await SaveStateAsync().WaitAsync(stop).ConfigureAwait(false);
                _publisher.Post(_shaper.Choose(readings));
                backOff = MinBackOff;
                schedule.Advance();
                lock (_lock)
                {
                    _missed = schedule.Missed;
                    if (late > _latest) _latest = late;
                }
            }
            catch (SensorException)
            {
                schedule.AdvanceAfter(backOff);
                backOff = backOff * 2 < MaxBackOff ? backOff * 2 : MaxBackOff;
            }
        }
    }

    /// <summary>Before the reading is published, so that a total once seen is never seen smaller after a power cut.</summary>
    private async Task SaveStateAsync()
    {
        if (_states is null || _sensor is not IKeepsState { State: { } state } || state == _savedState) return;
        if (await _states.SaveAsync(Name, state).ConfigureAwait(false)) _savedState = state;
    }

    private IReadOnlyList<SensorReading> ValuesNow()
    {
        if (_lastRead is null || _timeProvider.GetElapsedTime(_lastReadAt) <= StaleAfter) return _values;
        return [.. _values.Select(static v => v.Quality == SensorQuality.Good ? v with { Quality = SensorQuality.Stale, Error = "the last reading is old" } : v)];
    }

    private void Note(IReadOnlyList<SensorReading> readings)
    {
        lock (_lock)
        {
            _values = readings;
            _lastRead = _timeProvider.GetUtcNow();
            _lastReadAt = _timeProvider.GetTimestamp();
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
