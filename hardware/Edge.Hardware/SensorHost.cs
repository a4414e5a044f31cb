using Edge.Hardware.Buses;
using Edge.Hardware.Commands;
using Edge.Hardware.Drivers;
using Edge.Hardware.Gpio;
using Edge.Hardware.Sampling;
using Edge.Hardware.State;
using Edge.Ingest;
using Microsoft.Extensions.Logging;

namespace Edge.Hardware;

/// <summary>Runs all configured sensors: each on its own interval, one thread a bus, none able to hold up another bus; and the outputs that commands drive.</summary>
public sealed partial class SensorHost : IAsyncDisposable
{
    /// <summary>How long the last readings may take to become durable at stop.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly List<SensorSampler> _samplers = [];
    private readonly Dictionary<string, BusWorker> _buses = new(StringComparer.Ordinal);
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly IHardware? _hardware;
    private readonly GpioEventLoop? _events;
    private readonly CommandPump? _commands;
    private readonly CancellationTokenSource _stop = new(), _abort = new();
    private Task _running = Task.CompletedTask;
    private bool _started, _isDisposed;

    /// <exception cref="SensorConfigurationException">At least one sensor cannot be used; names all problems.</exception>
    public SensorHost(IReadOnlyList<SensorOptions> sensors, IngestPipeline ingest, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(sensors, new HardwareOptions(), ingest, timeProvider, loggerFactory)
    {
    }

    /// <exception cref="SensorConfigurationException">At least one sensor cannot be used; names all problems.</exception>
    public SensorHost(IReadOnlyList<SensorOptions> sensors, HardwareOptions hardware, IngestPipeline ingest, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(Machine.Create(sensors, hardware, timeProvider), new PipelineSink(ingest), ingest, timeProvider, loggerFactory)
    {
    }

    internal SensorHost(IReadOnlyList<(SensorOptions Options, ISensor Sensor)> sensors, IReadingSink sink, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(new Machine(null, null, sensors), sink, null, timeProvider, loggerFactory)
    {
    }

    /// <summary>Over hardware that a test made.</summary>
    internal SensorHost(IReadOnlyList<SensorOptions> sensors, IHardware hardware, IReadingSink sink, IngestPipeline? ingest, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(Machine.Create(sensors, hardware, timeProvider), sink, ingest, timeProvider, loggerFactory)
    {
    }

    private SensorHost(Machine machine, IReadingSink sink, IngestPipeline? ingest, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        (_hardware, _events, _timeProvider) = (machine.Hardware, machine.Events, timeProvider);
        _logger = loggerFactory.CreateLogger<SensorHost>();
        IStateStore? states = ingest is null || !machine.Sensors.Any(static s => s.Sensor is IKeepsState) ? null : new JournalStateStore(ingest.Journal);
        foreach ((SensorOptions options, ISensor sensor) in machine.Sensors) _samplers.Add(new SensorSampler(options, sensor, BusOf(options, sensor), sink, states, timeProvider, _logger));
        var actuators = machine.Sensors.Where(static s => s.Sensor is IActuator).Select(static s => (s.Options, (IActuator)s.Sensor)).ToList();
        if (ingest is not null && actuators.Count > 0) _commands = new CommandPump(ingest.Journal, sink, actuators, timeProvider, _logger);
    }

    /// <summary>State of each sensor, in the order of the configuration.</summary>
    public IReadOnlyList<SensorStatus> Status => [.. _samplers.Select(static s => s.Status)];

    /// <summary>State of each bus that more than one thing can hang on.</summary>
    public IReadOnlyList<BusStatus> Buses => [.. _buses.Values.Select(static b => b.Status)];

    /// <summary>Commands to outputs that were carried out, and that were not.</summary>
    public (long CarriedOut, long Refused) Commands => (_commands?.CarriedOut ?? 0, _commands?.Refused ?? 0);

    /// <summary>Begins sampling; the first reading is taken at once. A sensor that is not there does not fail the start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_started) throw new InvalidOperationException("The sensors are started already.");
        _started = true;
        // Outputs take their default level before anything can command them.
        foreach (SensorSampler output in _samplers.Where(static s => s.Sensor is IActuator))
        {
            try { await output.ReadOnceAsync(cancellationToken).ConfigureAwait(false); }
            catch (SensorException) { } // in its status; it is tried again with every interval
        }
        Task commands = _commands?.RunAsync(_stop.Token) ?? Task.CompletedTask;
        _running = Task.WhenAll(_samplers.Select(s => Task.Run(() => s.RunAsync(_stop.Token, _abort.Token), CancellationToken.None)).Append(commands));
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
        foreach (SensorSampler output in _samplers.Where(static s => s.Sensor is IActuator)) output.Dispose(); // fail-safe now, not when the process ends
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
        foreach (BusWorker bus in _buses.Values) bus.Dispose();
        _events?.Dispose();
        (_hardware as IDisposable)?.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }

    private BusWorker BusOf(SensorOptions options, ISensor sensor)
    {
        string name = sensor.Bus ?? $"sensor {options.Name}";
        if (_buses.TryGetValue(name, out BusWorker? bus)) return bus;
        Func<string>? recover = _hardware is { } hardware && name.StartsWith("i2c-", StringComparison.Ordinal)
            ? () => hardware.RecoverI2c(int.Parse(name.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture)) : null;
        return _buses[name] = new BusWorker(name, _timeProvider, recover, NoteRecovery);
    }

    private void NoteRecovery(string bus, string? done, Exception? failure)
    {
        if (failure is null) BusRecovered(_logger, bus, done);
        else BusStuck(_logger, bus, failure.Message);
    }

    [LoggerMessage(6004, LogLevel.Warning, "Bus {Bus} was stuck and has been freed: {Done}")]
    private static partial void BusRecovered(ILogger logger, string bus, string? done);

    [LoggerMessage(6005, LogLevel.Error, "Bus {Bus} is stuck: {Cause}")]
    private static partial void BusStuck(ILogger logger, string bus, string cause);

    /// <summary>The hardware and the sensors on it, not yet opened.</summary>
    private sealed record Machine(IHardware? Hardware, GpioEventLoop? Events, IReadOnlyList<(SensorOptions Options, ISensor Sensor)> Sensors)
    {
        public static Machine Create(IReadOnlyList<SensorOptions> sensors, HardwareOptions options, TimeProvider timeProvider) =>
            HardwareFactory.ProblemOf(options) is { } problem ? throw new SensorConfigurationException([problem]) : Create(sensors, HardwareFactory.Create(options, sensors, timeProvider), timeProvider);

        public static Machine Create(IReadOnlyList<SensorOptions> sensors, IHardware hardware, TimeProvider timeProvider)
        {
            var problems = new List<string>();
            var events = new GpioEventLoop();
            List<(SensorOptions, ISensor)> created = SensorOptionsValidator.Create(sensors, problems, hardware, events, new ClaimedParts(), timeProvider);
            if (problems.Count == 0) return new(hardware, events, created);
            foreach ((_, ISensor sensor) in created) sensor.Dispose();
            events.Dispose();
            (hardware as IDisposable)?.Dispose();
            throw new SensorConfigurationException(problems);
        }
    }
}
