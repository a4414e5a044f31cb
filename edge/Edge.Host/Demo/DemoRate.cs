namespace Edge.Host.Demo;

/// <summary>How fast a count grows, over the last two seconds or so.</summary>
internal sealed class DemoRate
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    private readonly Queue<(TimeSpan At, long Count)> _points = new();

    public double PerSecond { get; private set; }

    public void Add(TimeSpan at, long count)
    {
        _points.Enqueue((at, count));
        while (_points.Count > 2 && at - _points.Peek().At > Window) _points.Dequeue();
        (TimeSpan firstAt, long firstCount) = _points.Peek();
        PerSecond = at > firstAt ? (count - firstCount) / (at - firstAt).TotalSeconds : 0;
    }
}
