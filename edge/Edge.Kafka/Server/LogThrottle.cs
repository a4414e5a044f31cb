namespace Edge.Kafka.Server;

/// <summary>Lets one log line of a kind through every ten seconds, so that a hostile client cannot fill the disk; counts the rest.</summary>
internal sealed class LogThrottle(TimeProvider timeProvider)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private long _last;
    private bool _hasLogged;
    private long _suppressed;

    /// <param name="suppressed">Lines swallowed since the last one.</param>
    public bool ShouldLog(out long suppressed)
    {
        lock (_lock)
        {
            if (_hasLogged && timeProvider.GetElapsedTime(_last) < Interval)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }
            (_hasLogged, _last, suppressed, _suppressed) = (true, timeProvider.GetTimestamp(), _suppressed, 0);
            return true;
        }
    }
}
