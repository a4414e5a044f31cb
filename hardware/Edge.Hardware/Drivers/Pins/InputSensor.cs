using Edge.Hardware.Gpio;

namespace Edge.Hardware.Drivers.Pins;

/// <summary>Driver <c>gpio-input</c>: a contact, button or motion detector. A record at every change, with the kernel's time and sequence, and the level at each interval.</summary>
internal sealed class InputSensor : PinSensor, IEmitsEdges
{
    private readonly GpioLineName _line;
    private readonly GpioBias _bias;
    private readonly bool _isActiveLow, _emits;
    private readonly Debouncer _debouncer;
    private readonly bool _isDebounced;
    private EdgeSequence _sequence;
    private long _changes, _unseen, _lostReported;
    private bool _rawLevel;

    public InputSensor(DriverSetup setup) : base(setup)
    {
        _line = setup.Line("line");
        _bias = BiasOf(setup.Settings);
        _isActiveLow = setup.Settings.Flag("activelow", false);
        _emits = setup.Settings.Flag("edges", true);
        TimeSpan debounce = setup.Settings.Time("debounce", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        _debouncer = new Debouncer((long)debounce.TotalNanoseconds);
        _isDebounced = debounce > TimeSpan.Zero;
    }

    public Action<SensorReading>? Emit { get; set; }

    private long Lost => _sequence.Lost + _unseen;

    protected override GpioRequest Request() => new([_line], $"edge {Setup.Name}") { Bias = _bias, IsActiveLow = _isActiveLow, RisingEdges = true, FallingEdges = true };

    protected override void Started(long nowNs)
    {
        _sequence.Restart();
        _rawLevel = Lines.Read(0);
        _debouncer.Start(_rawLevel);
    }

    protected override void OnEdge(in GpioEdge edge)
    {
        uint lost = _sequence.Next(edge.LineSequence);
        // Two edges of one direction: the one between them came too close for the chip or its interrupt. It has no number, and is lost all the same.
        if (edge.IsRising == _rawLevel && lost == 0) _unseen++;
        _rawLevel = edge.IsRising;
        if (!_isDebounced) Changed((edge.IsRising, edge.TimeNs, edge.LineSequence));
        else if (_debouncer.OnEdge(edge.IsRising, edge.TimeNs, edge.LineSequence) is { } change) Changed(change);
    }

    protected override bool OnTick(long nowNs)
    {
        if (_debouncer.OnTime(nowNs) is { } change) Changed(change);
        return _debouncer.IsWaiting;
    }

    protected override void Report(ReadingBuffer readings, long nowNs)
    {
        OnTick(nowNs);
        readings.Add("level", Lines.Read(0) ? 1 : 0, "/", 0, 1);
        readings.Add("changes", _changes, "count", 0);
        readings.Add("lost", Lost, "count", 0);
        readings.Add("bounces", _debouncer.Bounces, "count", 0);
    }

    private void Changed((bool Level, long TimeNs, uint Sequence) change)
    {
        _changes++;
        if (!_emits || Emit is not { } emit) return;
        long lost = Lost - _lostReported, agoMs = Math.Max(0, Setup.Hardware.MonotonicNs - change.TimeNs) / 1_000_000;
        _lostReported = Lost;
        long timestampMs = Setup.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() - agoMs;
        emit(new SensorReading("edge", change.Level ? 1 : 0, "/", SensorQuality.Good, timestampMs, null, new EdgeDetail(change.TimeNs, change.Sequence, lost)));
    }
}
