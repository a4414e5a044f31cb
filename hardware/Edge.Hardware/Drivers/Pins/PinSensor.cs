using Edge.Hardware.Gpio;

namespace Edge.Hardware.Drivers.Pins;

/// <summary>What drivers of input lines share: the request, the edges with their sequence, and the loss of any.</summary>
internal abstract class PinSensor(DriverSetup setup) : ISensor
{
    private readonly Lock _lock = new();
    private readonly GpioEdge[] _edges = new GpioEdge[64];
    private IGpioLines? _lines;
    private IDisposable? _registration;
    private Exception? _failure;

    public virtual string? Bus => "gpio";

    protected DriverSetup Setup => setup;

    /// <summary>Guards what edges change.</summary>
    protected Lock Gate => _lock;

    protected IGpioLines Lines => _lines ?? throw new SensorException(setup.Name, "it is not open");

    public void Open()
    {
        Dispose();
        IGpioLines lines = setup.Hardware.OpenGpio(Request());
        lock (_lock)
        {
            _lines = lines;
            _failure = null;
            Started(setup.Hardware.MonotonicNs);
        }
        _registration = setup.Events.Add(lines, TakeEdges, Tick);
    }

    public void Read(ReadingBuffer readings)
    {
        lock (_lock)
        {
            if (_failure is { } failure) throw new SensorException(setup.Name, $"its edges cannot be read: {failure.Message}", failure);
            Report(readings, setup.Hardware.MonotonicNs);
        }
    }

    public void Dispose()
    {
        _registration?.Dispose(); // first: no edge comes after it, and it must not be waited for with the lock held
        _registration = null;
        lock (_lock)
        {
            _lines?.Dispose();
            _lines = null;
        }
        GC.SuppressFinalize(this);
    }

    protected abstract GpioRequest Request();

    /// <summary>The line was just requested.</summary>
    protected abstract void Started(long nowNs);

    protected abstract void OnEdge(in GpioEdge edge);

    /// <summary>Time passed; true asks to be told again soon.</summary>
    protected virtual bool OnTick(long nowNs) => false;

    protected abstract void Report(ReadingBuffer readings, long nowNs);

    protected static GpioBias BiasOf(DriverSettings settings) =>
        settings.Choice("pull", GpioBias.AsIs, ("up", GpioBias.PullUp), ("down", GpioBias.PullDown), ("none", GpioBias.None), ("as-is", GpioBias.AsIs));

    private void TakeEdges()
    {
        lock (_lock)
        {
            if (_lines is null) return;
            try
            {
                int count = _lines.ReadEdges(_edges);
                foreach (GpioEdge edge in _edges.AsSpan(0, count)) OnEdge(edge);
            }
            catch (Exception e)
            {
                _failure = e;
                throw;
            }
        }
    }

    private bool Tick()
    {
        lock (_lock) return _lines is not null && OnTick(setup.Hardware.MonotonicNs);
    }
}
