using System.Globalization;
using Edge.Hardware.Gpio;
using Edge.Hardware.State;

namespace Edge.Hardware.Drivers.Pins;

/// <summary>Driver <c>gpio-quadrature</c>: an incremental encoder on two lines: position (kept over restarts), speed, and steps that were not possible.</summary>
/// <remarks>Both lines are one request, so that the kernel's sequence puts their edges in order. Every edge of either line is a step: four a period.</remarks>
internal sealed class QuadratureSensor : PinSensor, IKeepsState
{
    // Old state * 4 + new state, each A * 2 + B: 1 forward, -1 backward, 0 none, 2 not possible in one step.
    private static readonly sbyte[] Steps = [0, -1, 1, 2, 1, 0, 2, -1, -1, 2, 0, 1, 2, 1, -1, 0];

    private readonly GpioLineName _a, _b;
    private readonly GpioBias _bias;
    private readonly double _stepsPerUnit;
    private readonly string _unit;
    private EdgeSequence _sequence;
    private int _state;
    private long _position, _errors, _atReading, _readNs;

    public QuadratureSensor(DriverSetup setup) : base(setup)
    {
        (_a, _b) = (setup.Line("a"), setup.Line("b"));
        _bias = BiasOf(setup.Settings);
        _stepsPerUnit = setup.Settings.Real("stepsperunit", 1, 1e-6, 1e9);
        _unit = setup.Settings.Text("unit", "count");
    }

    public string? State { get { lock (Gate) return _position.ToString(CultureInfo.InvariantCulture); } }

    public void Restore(string state)
    {
        if (!long.TryParse(state, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long position)) return;
        lock (Gate) (_position, _atReading) = (position, position);
    }

    protected override GpioRequest Request() => new([_a, _b], $"edge {Setup.Name}") { Bias = _bias, RisingEdges = true, FallingEdges = true };

    protected override void Started(long nowNs)
    {
        _sequence.Restart();
        _state = (Lines.Read(0) ? 2 : 0) | (Lines.Read(1) ? 1 : 0);
        _readNs = nowNs;
    }

    protected override void OnEdge(in GpioEdge edge)
    {
        uint lost = _sequence.Next(edge.Sequence);
        int bit = edge.Index == 0 ? 2 : 1, state = edge.IsRising ? _state | bit : _state & ~bit;
        int step = lost > 0 || state == _state ? 2 : Steps[(_state << 2) | state]; // after a loss (by number, or two edges of one direction) the way is anybody's guess
        if (step == 2) _errors++;
        else _position += step;
        _state = state;
    }

    protected override void Report(ReadingBuffer readings, long nowNs)
    {
        double seconds = (nowNs - _readNs) / 1e9;
        readings.Add("position", _position / _stepsPerUnit, _unit);
        readings.Add("speed", seconds > 0 ? (_position - _atReading) / _stepsPerUnit / seconds : 0, _unit == "count" ? "1/s" : $"{_unit}/s");
        readings.Add("errors", _errors, "count", 0);
        readings.Add("lost", _sequence.Lost, "count", 0);
        (_atReading, _readNs) = (_position, nowNs);
    }
}
