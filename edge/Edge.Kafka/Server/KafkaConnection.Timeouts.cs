namespace Edge.Kafka.Server;

internal sealed partial class KafkaConnection
{
    private const int SlowestBytesPerSecond = 16 << 10;
    private volatile bool _isDispatching;
    private readonly long _opened;
    private long _lastActivity, _transferDeadline, _flushStarted;

    /// <summary>Called by the server's timer. One timer for all connections, because a timer per read would cost more than the read.</summary>
    public void CheckTimeouts()
    {
        long now = Now();
        TimeSpan patience = _server.Broker.Options.TransferTimeout;
        long deadline = Volatile.Read(ref _transferDeadline), flush = Volatile.Read(ref _flushStarted);
        if (deadline != 0 && now > deadline) TimeOut("a request was begun and not completed");
        else if (flush != 0 && now - flush > patience.TotalMilliseconds) TimeOut("the client does not read its responses");
        else if (!_session.IsOpen && now - _opened > patience.TotalMilliseconds) TimeOut("no log-in in time");
        else if (!_isDispatching && _pending.Reader.Count == 0 && now - Volatile.Read(ref _lastActivity) > _server.Broker.Options.IdleTimeout.TotalMilliseconds) TimeOut("idle");
    }

    private void TimeOut(string reason)
    {
        _server.Statistics.TimedOut();
        KafkaLog.TimedOut(Logger, _client.RemoteAddress, reason);
        Abort(reason);
    }

    // A large request over a slow line is no attack: its time grows with its size.
    private void BeginTransfer(int bytes) =>
        Volatile.Write(ref _transferDeadline, Now() + (long)_server.Broker.Options.TransferTimeout.TotalMilliseconds + bytes * 1000L / SlowestBytesPerSecond);

    private void EndTransfer()
    {
        Volatile.Write(ref _transferDeadline, 0);
        Volatile.Write(ref _lastActivity, Now());
    }

    /// <summary>Monotonic milliseconds, never 0.</summary>
    private long Now() => 1 + (long)_server.Broker.TimeProvider.GetElapsedTime(0).TotalMilliseconds;
}
