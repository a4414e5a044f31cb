namespace Edge.Hardware.Sampling;

/// <summary>One sensor, read by one caller at a time, opened when needed and closed after a failure.</summary>
/// <remarks>A driver that hangs in the kernel keeps its thread and its turn; everybody else gets a <see cref="SensorException"/> in time.</remarks>
internal sealed class SensorReader(string name, ISensor sensor, TimeProvider timeProvider) : IDisposable
{
    /// <summary>Longest a reading may take. The slowest parts the kernel drives answer within a second.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isOpen; // guarded by _turn

    /// <exception cref="SensorException">It is not there, cannot be read, gave nothing good, or takes too long.</exception>
    public async Task<IReadOnlyList<SensorReading>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(ReadTimeout, cancellationToken).ConfigureAwait(false)) throw new SensorException(name, "an earlier reading has not come back");
        Task<IReadOnlyList<SensorReading>> read = Task.Run(Read, CancellationToken.None);
        _ = read.ContinueWith(static (_, turn) => ((SemaphoreSlim)turn!).Release(), _turn, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try { return await read.WaitAsync(ReadTimeout, timeProvider, cancellationToken).ConfigureAwait(false); }
        catch (TimeoutException e) { throw new SensorException(name, $"no answer within {ReadTimeout.TotalSeconds:0} s", e); }
    }

    /// <summary>Closes the device unless a reading hangs in it.</summary>
    public void Dispose()
    {
        if (_turn.Wait(0)) sensor.Dispose();
    }

    private IReadOnlyList<SensorReading> Read()
    {
        try
        {
            if (!_isOpen) { sensor.Open(); _isOpen = true; }
            var buffer = new ReadingBuffer(timeProvider.GetUtcNow().ToUnixTimeMilliseconds());
            sensor.Read(buffer);
            if (buffer.Readings.Any(static r => r.Quality != SensorQuality.Fault)) return buffer.Readings;
            throw new SensorException(name, buffer.Readings.Count == 0 ? "it gave no reading" : $"no reading is good; {buffer.Readings[0].Error}");
        }
        catch (Exception e) // whatever a driver throws is that sensor's failure and nobody else's
        {
            _isOpen = false;
            sensor.Dispose();
            if (e is SensorException) throw;
            throw new SensorException(name, e.Message, e);
        }
    }
}
