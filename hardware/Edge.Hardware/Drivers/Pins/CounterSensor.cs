using System.Globalization;
using Edge.Hardware.Gpio;
using Edge.Hardware.State;

namespace Edge.Hardware.Drivers.Pins;

/// <summary>Driver <c>gpio-counter</c>: pulses of a flow, energy or rain meter as count, total and rate. The total goes on over restarts and power cuts.</summary>
/// <remarks>Without debouncing it counts by the kernel's sequence numbers, so that even edges nobody had time to read are in the count.</remarks>
internal sealed class CounterSensor : PinSensor, IKeepsState
{
    private readonly GpioLineName _line;
    private readonly GpioBias _bias;
    private readonly bool _isActiveLow;
    private readonly double _pulsesPerUnit;
    private readonly string _unit, _rateUnit;
    private readonly long _rateWindowNs;
    private readonly double _rateFactor;
    private readonly Debouncer? _debouncer;
    private EdgeSequence _sequence;
    private long _total, _atReading, _lastPulseNs, _rateFromNs;
    private double _lastRate;

    public CounterSensor(DriverSetup setup) : base(setup)
    {
        _line = setup.Line("line");
        _bias = BiasOf(setup.Settings);
        _isActiveLow = setup.Settings.Flag("activelow", false);
        _pulsesPerUnit = setup.Settings.Real("pulsesperunit", 1, 1e-6, 1e9);
        _unit = setup.Settings.Text("unit", "count");
        (_rateFactor, string per) = setup.Settings.Choice("rate", (1.0, "s"), ("s", (1.0, "s")), ("min", (60.0, "min")), ("h", (3600.0, "h")));
        _rateUnit = _unit == "count" ? $"1/{per}" : $"{_unit}/{per}";
        _rateWindowNs = (long)TimeSpan.FromMinutes(1).TotalNanoseconds;
        TimeSpan debounce = setup.Settings.Time("debounce", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        if (debounce > TimeSpan.Zero) _debouncer = new Debouncer((long)debounce.TotalNanoseconds);
    }

    public string? State { get { lock (Gate) return _total.ToString(CultureInfo.InvariantCulture); } }

    public void Restore(string state)
    {
        if (!long.TryParse(state, NumberStyles.None, CultureInfo.InvariantCulture, out long total)) return;
        lock (Gate) (_total, _atReading) = (total, total);
    }

    protected override GpioRequest Request() =>
        new([_line], $"edge {Setup.Name}") { Bias = _bias, IsActiveLow = _isActiveLow, RisingEdges = true, FallingEdges = _debouncer is not null };

    protected override void Started(long nowNs)
    {
        _sequence.Restart();
        _debouncer?.Start(Lines.Read(0));
        (_rateFromNs, _lastPulseNs) = (nowNs, nowNs);
    }

    protected override void OnEdge(in GpioEdge edge)
    {
        uint lost = _sequence.Next(edge.LineSequence);
        if (_debouncer is null)
        {
            _total += 1 + lost;
            _lastPulseNs = edge.TimeNs;
        }
        else Count(_debouncer.OnEdge(edge.IsRising, edge.TimeNs, edge.LineSequence));
    }

    protected override bool OnTick(long nowNs)
    {
        if (_debouncer is null) return false;
        Count(_debouncer.OnTime(nowNs));
        return _debouncer.IsWaiting;
    }

    protected override void Report(ReadingBuffer readings, long nowNs)
    {
        OnTick(nowNs);
        long pulses = _total - _atReading;
        readings.Add("pulses", pulses, "count", 0);
        readings.Add("total", _total / _pulsesPerUnit, _unit, 0);
        readings.Add("rate", Rate(pulses, nowNs) * _rateFactor, _rateUnit, 0);
        // Without debouncing what nobody read in time is in the count all the same.
        readings.Add(_debouncer is null ? "overrun" : "lost", _sequence.Lost, "count", 0);
        if (_debouncer is not null) readings.Add("bounces", _debouncer.Bounces, "count", 0);
        _atReading = _total;
    }

    /// <summary>Units a second. From last pulse to last pulse, so that a slow meter has a steady rate; while none comes, what it can be at most, and 0 after a minute.</summary>
    private double Rate(long pulses, long nowNs)
    {
        if (pulses > 0)
        {
            double seconds = (_lastPulseNs - _rateFromNs) / 1e9;
            _rateFromNs = _lastPulseNs;
            _lastRate = seconds > 0 ? pulses / _pulsesPerUnit / seconds : 0;
            return _lastRate;
        }
        long silenceNs = nowNs - _rateFromNs;
        if (silenceNs > _rateWindowNs) { _lastRate = 0; _rateFromNs = nowNs; }
        return silenceNs > 0 ? Math.Min(_lastRate, 1e9 / silenceNs / _pulsesPerUnit) : _lastRate;
    }

    private void Count((bool Level, long TimeNs, uint Sequence)? change)
    {
        if (change is not { Level: true } pulse) return;
        _total++;
        _lastPulseNs = pulse.TimeNs;
    }
}
