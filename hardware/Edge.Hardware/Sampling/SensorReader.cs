using Edge.Hardware.Buses;

namespace Edge.Hardware.Sampling;

/// <summary>One sensor, read by one caller at a time on the thread of its bus, opened when needed and closed after a failure.</summary>
/// <remarks>A driver that hangs in the kernel keeps its thread and its turn; everybody else gets a <see cref="SensorException"/> in time.</remarks>
internal sealed class SensorReader(SensorOptions options, ISensor sensor, BusWorker bus, TimeProvider timeProvider) : IDisposable
{
    /// <summary>Longest a reading may take. The slowest parts the kernel drives answer within a second.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstRetryPause = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isOpen; // guarded by _turn
    private long _retried;

    /// <summary>Readings taken a second time after a fault of the bus.</summary>
    public long Retried => Interlocked.Read(ref _retried);

    private string Name => options.Name;

    /// <summary>The readings of one sampling, as many in a row as <see cref="SensorOptions.Oversample"/> says.</summary>
    /// <exception cref="SensorException">It is not there, cannot be read, gave nothing good, or takes too long.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<SensorReading>>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(ReadTimeout, cancellationToken).ConfigureAwait(false)) throw new SensorException(Name, "an earlier reading has not come back");
        string busy = $"no answer within {ReadTimeout.TotalSeconds:0} s";
        try { return await bus.RunAsync(Name, ReadAll, ReadTimeout, () => _turn.Release(), cancellationToken).ConfigureAwait(false); }
        catch (TimeoutException e) { throw new SensorException(Name, e.Message.StartsWith("bus ", StringComparison.Ordinal) ? $"{busy}; {e.Message}" : busy, e); }
    }

    /// <summary>Closes the device unless a reading hangs in it.</summary>
    public void Dispose()
    {
        if (_turn.Wait(0)) sensor.Dispose();
    }

    private List<IReadOnlyList<SensorReading>> ReadAll()
    {
        var samples = new List<IReadOnlyList<SensorReading>>(options.Oversample);
        for (int i = 0; i < options.Oversample; i++) samples.Add(ReadWithRetries());
        return samples;
    }

    private IReadOnlyList<SensorReading> ReadWithRetries()
    {
        TimeSpan pause = FirstRetryPause;
        for (int left = options.Retries; ; left--)
        {
            try { return Read(); }
            catch (Exception e) when (left > 0 && _isOpen && IsWorthARetry(e))
            {
                Interlocked.Increment(ref _retried);
                Thread.Sleep(pause); // on the bus' own thread: nobody else could use the bus better meanwhile
                pause *= 4;
            }
            catch (Exception e) // whatever a driver throws is that sensor's failure and nobody else's
            {
                _isOpen = false;
                sensor.Dispose();
                if (e is SensorException) throw;
                throw new SensorException(Name, e.Message, e);
            }
        }
    }

    /// <summary>A disturbed transfer; not a device that is absent or another one.</summary>
    private static bool IsWorthARetry(Exception e) => e is BusException { Fault: BusFault.NoDevice or BusFault.Stuck or BusFault.Transfer or BusFault.Checksum or BusFault.Timeout };

    private IReadOnlyList<SensorReading> Read()
    {
        if (!_isOpen) { sensor.Open(); _isOpen = true; }
        var buffer = new ReadingBuffer(timeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        sensor.Read(buffer);
        if (buffer.Readings.Any(static r => r.Quality != SensorQuality.Fault) || (buffer.IsPending && buffer.Readings.Count == 0)) return buffer.Readings;
        throw new SensorException(Name, buffer.Readings.Count == 0 ? "it gave no reading" : $"no reading is good; {buffer.Readings[0].Error}");
    }
}
