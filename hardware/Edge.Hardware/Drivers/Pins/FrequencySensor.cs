using Edge.Hardware.Gpio;

namespace Edge.Hardware.Drivers.Pins;

/// <summary>Driver <c>gpio-frequency</c>: frequency of a signal by the kernel's timestamps of its rising edges, and its duty cycle.</summary>
internal sealed class FrequencySensor : PinSensor
{
    /// <summary>Without an edge for so long the signal counts as standing still.</summary>
    private const long SilenceNs = 10_000_000_000;

    private readonly GpioLineName _line;
    private readonly GpioBias _bias;
    private readonly bool _hasDuty;
    private readonly double _factor;
    private readonly string _unit;
    private EdgeSequence _sequence;
    private long _firstNs, _lastNs, _periods, _riseNs, _highNs, _highPeriods;
    private double _lastHertz;
    private bool _hasFirst, _isHigh;

    public FrequencySensor(DriverSetup setup) : base(setup)
    {
        _line = setup.Line("line");
        _bias = BiasOf(setup.Settings);
        _hasDuty = setup.Settings.Flag("dutycycle", false);
        _factor = setup.Settings.Real("factor", 1, 1e-9, 1e9);
        _unit = setup.Settings.Text("unit", "Hz");
    }

    protected override GpioRequest Request() => new([_line], $"edge {Setup.Name}") { Bias = _bias, RisingEdges = true, FallingEdges = _hasDuty };

    protected override void Started(long nowNs)
    {
        _sequence.Restart();
        (_hasFirst, _isHigh, _periods, _highNs, _highPeriods) = (false, false, 0, 0, 0);
    }

    protected override void OnEdge(in GpioEdge edge)
    {
        uint lost = _sequence.Next(edge.LineSequence);
        if (edge.IsRising)
        {
            if (!_hasFirst) (_hasFirst, _firstNs) = (true, edge.TimeNs);
            else _periods += 1 + (_hasDuty ? lost / 2 : lost); // lost edges were periods too; with both edges asked for, every other one
            (_lastNs, _riseNs, _isHigh) = (edge.TimeNs, edge.TimeNs, true);
        }
        else if (_isHigh && lost == 0)
        {
            _highNs += edge.TimeNs - _riseNs;
            _highPeriods++;
            _isHigh = false;
        }
    }

    protected override void Report(ReadingBuffer readings, long nowNs)
    {
        bool isSilent = !_hasFirst || nowNs - _lastNs > SilenceNs;
        // Slower than the interval: what it was, or as slow as the silence says.
        double hertz = _periods > 0 && _lastNs > _firstNs ? _periods * 1e9 / (_lastNs - _firstNs) : isSilent ? 0 : Math.Min(_lastHertz, 1e9 / Math.Max(1, nowNs - _lastNs));
        _lastHertz = hertz;
        readings.Add("frequency", hertz * _factor, _unit, 0);
        if (_hasDuty) readings.Add("dutycycle", hertz > 0 && _highPeriods > 0 ? _highNs / 1e9 / _highPeriods * hertz : Lines.Read(0) ? 1 : 0, "/", 0, 1);
        readings.Add("lost", _sequence.Lost, "count", 0);
        // The last edge begins the next measurement, so no period falls between two.
        (_hasFirst, _firstNs) = (!isSilent, _lastNs);
        (_periods, _highNs, _highPeriods) = (0, 0, 0);
    }
}
