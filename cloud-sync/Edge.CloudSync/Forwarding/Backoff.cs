namespace Edge.CloudSync.Forwarding;

/// <summary>Pauses between tries: the bound doubles from the minimum to the maximum, the pause is random below it.</summary>
/// <remarks>Full jitter, so that ten thousand devices do not return together when the centre does. A tenth of the minimum is the floor.</remarks>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Random random)
{
    private TimeSpan _bound; // zero: the first pause comes next

    public TimeSpan Next()
    {
        _bound = _bound == TimeSpan.Zero ? min : _bound * 2 < max ? _bound * 2 : max;
        TimeSpan pause = _bound * random.NextDouble();
        return pause > min / 10 ? pause : min / 10;
    }

    public void Reset() => _bound = TimeSpan.Zero;
}
