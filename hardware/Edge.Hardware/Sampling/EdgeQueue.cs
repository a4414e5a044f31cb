namespace Edge.Hardware.Sampling;

/// <summary>Edges that wait for ingest, in order. Unlike a sample, an edge is never replaced by a newer one: beyond the bound new ones are dropped, counted, and their numbers stay missing in the sequence.</summary>
internal sealed class EdgeQueue
{
    /// <summary>About 8 s of 1 kHz.</summary>
    public const int MaxWaiting = 8192;

    private readonly Lock _lock = new();
    private readonly Queue<SensorReading> _waiting = new();
    private long _dropped;

    public long Dropped => Interlocked.Read(ref _dropped);

    public bool IsEmpty { get { lock (_lock) return _waiting.Count == 0; } }

    public void Add(in SensorReading edge)
    {
        lock (_lock)
        {
            if (_waiting.Count < MaxWaiting) _waiting.Enqueue(edge);
            else _dropped++;
        }
    }

    /// <summary>The oldest, still in the queue: <see cref="Remove"/> takes them out once they are durable.</summary>
    public SensorReading[] Peek(int most) { lock (_lock) return [.. _waiting.Take(most)]; }

    public void Remove(int count)
    {
        lock (_lock) for (int i = 0; i < count; i++) _waiting.Dequeue();
    }

    public void CountDropped() => Interlocked.Increment(ref _dropped);
}
