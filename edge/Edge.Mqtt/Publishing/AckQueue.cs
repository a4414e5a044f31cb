namespace Edge.Mqtt.Publishing;

/// <summary>Acknowledgements of one connection in the order of their publishes. One producer (the reader), one consumer at a time (the ack sender).</summary>
/// <remarks>The producer appends without a lock and publishes many entries at once; only growth and consumption take the lock.</remarks>
internal sealed class AckQueue
{
    private readonly Lock _gate = new();
    private PendingAck[] _ring = [];
    private long _head, _tail, _appended; // entries [head, tail) are visible to the consumer, [tail, appended) not yet

    /// <summary>Entries not consumed yet, unpublished ones included. Read by the producer.</summary>
    public int Count => (int)(_appended - Volatile.Read(ref _head));

    public void Append(in PendingAck ack)
    {
        if (_appended - Volatile.Read(ref _head) >= _ring.Length) Grow();
        _ring[_appended & (_ring.Length - 1)] = ack;
        _appended++;
    }

    /// <summary>Shows what was appended to the consumer.</summary>
    public void Publish() => Volatile.Write(ref _tail, _appended);

    /// <summary>Takes entries from the front while their group is at most <paramref name="group"/>.</summary>
    /// <returns>Entries taken.</returns>
    public int Take(long group, Span<PendingAck> destination)
    {
        lock (_gate)
        {
            long head = _head;
            int available = (int)Math.Min(destination.Length, Volatile.Read(ref _tail) - head), taken = 0;
            int mask = _ring.Length - 1;
            while (taken < available && _ring[(head + taken) & mask] is var ack && ack.Group <= group) destination[taken++] = ack;
            Volatile.Write(ref _head, head + taken);
            return taken;
        }
    }

    private void Grow()
    {
        lock (_gate)
        {
            PendingAck[] larger = new PendingAck[Math.Max(64, _ring.Length * 2)];
            for (long i = _head; i < _appended; i++) larger[i & (larger.Length - 1)] = _ring[i & (_ring.Length - 1)];
            _ring = larger;
        }
    }
}
