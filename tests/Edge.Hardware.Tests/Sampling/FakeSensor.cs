namespace Edge.Hardware.Tests.Sampling;

/// <summary>A sensor whose reading is a counter; fails, hangs or misses when told to.</summary>
internal sealed class FakeSensor : ISensor
{
    public int Opens, Reads, Disposals;

    public volatile bool IsMissing, FailsToRead, HasFaultyPart;

    public volatile ManualResetEventSlim? Hang;

    public void Open()
    {
        Interlocked.Increment(ref Opens);
        if (IsMissing) throw new SensorException("fake", "there is no device");
    }

    public void Read(ReadingBuffer readings)
    {
        int read = Interlocked.Increment(ref Reads);
        Hang?.Wait(TimeSpan.FromSeconds(30));
        if (FailsToRead) throw new InvalidOperationException("bus error");
        readings.Add("count", read, "count");
        if (HasFaultyPart) readings.Fault("part", "Cel", "checksum does not match");
    }

    public void Dispose() => Interlocked.Increment(ref Disposals);
}
