namespace Edge.Hardware.Sampling;

/// <summary>A grid of instants one interval apart on the monotonic clock: a late reading never moves the later ones, and the wall clock does not matter.</summary>
internal sealed class Schedule(TimeProvider timeProvider, TimeSpan interval)
{
    private readonly long _start = timeProvider.GetTimestamp();
    private long _slot;

    /// <summary>Slots that passed without a reading because one before took too long.</summary>
    public long Missed { get; private set; }

    /// <summary>Time until the current slot; zero or less when it is due.</summary>
    public TimeSpan Due => (interval * _slot) - timeProvider.GetElapsedTime(_start);

    /// <summary>Goes on to the next slot that is not over yet.</summary>
    public void Advance()
    {
        long next = Math.Max(_slot + 1, NextSlot(TimeSpan.Zero));
        Missed += next - _slot - 1;
        _slot = next;
    }

    /// <summary>Goes on to the first slot after a pause that was meant, so nothing counts as missed.</summary>
    public void AdvanceAfter(TimeSpan pause) => _slot = Math.Max(_slot + 1, NextSlot(pause));

    private long NextSlot(TimeSpan pause) => (long)Math.Ceiling((timeProvider.GetElapsedTime(_start) + pause) / interval);
}
