using Edge.Hardware.Sampling;
using Edge.Ingest;
using Microsoft.Extensions.Logging;

namespace Edge.Hardware;

/// <summary>Runs all configured sensors: each on its own interval, none able to hold up another.</summary>
public sealed class SensorHost : IAsyncDisposable
{
    /// <summary>How long the last readings may take to become durable at stop.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly List<SensorSampler> _samplers = [];
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _stop = new(), _abort = new();
    private Task _running = Task.CompletedTask;
    private bool _started, _isDisposed;

    /// <exception cref="SensorConfigurationException">At least one sensor cannot be used; names all problems.</exception>
    public SensorHost(IReadOnlyList<SensorOptions> sensors, IngestPipeline ingest, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(Create(sensors), new PipelineSink(ingest), timeProvider, loggerFactory)
    {
    }

    internal SensorHost(IReadOnlyList<(SensorOptions Options, ISensor Sensor)> sensors, IReadingSink sink, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        _timeProvider = timeProvider;
        ILogger logger = loggerFactory.CreateLogger<SensorHost>();
        foreach ((SensorOptions options, ISensor sensor) in sensors) _samplers.Add(new SensorSampler(options, sensor, sink, timeProvider, logger));
    }

    /// <summary>State of each sensor, in the order of the configuration.</summary>
    public IReadOnlyList<SensorStatus> Status => [.. _samplers.Select(static s => s.Status)];

    /// <summary>Begins sampling; the first reading is taken at once. A sensor that is not there does not fail the start.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_started) throw new InvalidOperationException("The sensors are started already.");
        _started = true;
        _running = Task.WhenAll(_samplers.Select(s => Task.Run(() => s.RunAsync(_stop.Token, _abort.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>Ends sampling and waits, at most 5 s, until the last readings are durable.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        try { await _running.WaitAsync(StopTimeout, _timeProvider, cancellationToken).ConfigureAwait(false); }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await _abort.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false); // every wait inside ends with the abort
        }
    }

    /// <summary>Reads a sensor now, whether or not it is being sampled; nothing is published.</summary>
    /// <exception cref="KeyNotFoundException">There is no sensor of that name; the message lists those there are.</exception>
    /// <exception cref="SensorException">It cannot be read, or does not answer within 5 s.</exception>
    public Task<IReadOnlyList<SensorReading>> ReadOnceAsync(string name, CancellationToken cancellationToken = default)
    {
        SensorSampler sampler = _samplers.Find(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new KeyNotFoundException($"There is no sensor '{name}'; configured: {(_samplers.Count == 0 ? "none" : string.Join(", ", _samplers.Select(static s => s.Name)))}.");
        return sampler.ReadOnceAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (SensorSampler sampler in _samplers) sampler.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }

    private static List<(SensorOptions, ISensor)> Create(IReadOnlyList<SensorOptions> sensors)
    {
        var problems = new List<string>();
        List<(SensorOptions, ISensor)> created = SensorOptionsValidator.Create(sensors, problems);
        if (problems.Count == 0) return created;
        foreach ((_, ISensor sensor) in created) sensor.Dispose();
        throw new SensorConfigurationException(problems);
    }
}
