using Edge.Hardware.Boards;
using Edge.Hardware.Sampling;

namespace Edge.Hardware.Simulation;

/// <summary>Drives the lines that configured sensors listen to: pulses of the flow, the turning shaft, the door. Edges carry the times at which they would have been.</summary>
internal sealed class SimulatedSignals : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly SimulatedGpio _gpio;
    private readonly Plant _plant;
    private readonly List<Signal> _signals = [];
    private readonly ITimer? _timer;
    private readonly Lock _lock = new();

    public SimulatedSignals(SimulatedGpio gpio, Plant plant, IReadOnlyList<SensorOptions> sensors, BoardProfile board, TimeProvider timeProvider)
    {
        (_gpio, _plant) = (gpio, plant);
        foreach (SensorOptions sensor in sensors)
        {
            Func<double>? rate = sensor.Driver.ToLowerInvariant() switch
            {
                "gpio-counter" => () => plant.Flow() * PulsesPerUnit(sensor) / 60, // taken for a flow meter in litres
                "gpio-frequency" => plant.Speed,
                "gpio-quadrature" => () => plant.Speed() * 4, // a period of both lines is four steps
                "gpio-input" => null,
                _ => static () => double.NaN,
            };
            if (rate is not null && double.IsNaN(rate())) continue;
            if (sensor.Driver.Equals("gpio-quadrature", StringComparison.OrdinalIgnoreCase)) _signals.Add(new([Line(sensor, "a", board), Line(sensor, "b", board)], rate));
            else _signals.Add(new([Line(sensor, "line", board)], rate));
        }
        if (_signals.Count > 0) _timer = timeProvider.CreateTimer(_ => Advance(), null, Step, Step);
    }

    public void Dispose() => _timer?.Dispose();

    private void Advance()
    {
        lock (_lock)
        {
            long now = _gpio.Now();
            foreach (Signal signal in _signals) signal.Advance(_gpio, _plant, now);
        }
    }

    private static double PulsesPerUnit(SensorOptions sensor) =>
        sensor.Settings.FirstOrDefault(static s => s.Key.Equals("pulsesperunit", StringComparison.OrdinalIgnoreCase)).Value is { } text && Numbers.TryParse(text, out double pulses) && pulses > 0 ? Math.Min(pulses, 10_000) : 7;

    private static string Line(SensorOptions sensor, string setting, BoardProfile board) =>
        LineNames.Canonical(sensor.Settings.FirstOrDefault(s => s.Key.Equals(setting, StringComparison.OrdinalIgnoreCase)).Value?.Trim() ?? "", board);

    /// <summary>One line, or two a quarter of a period apart.</summary>
    private sealed class Signal(string[] lines, Func<double>? rate)
    {
        private double _phase; // in half periods of one line, in quarters of two
        private long _last;

        public void Advance(SimulatedGpio gpio, Plant plant, long now)
        {
            if (rate is null)
            {
                gpio.Drive(lines[0], plant.IsDoorOpen(), now);
                return;
            }
            if (_last != 0)
            {
                double perSecond = rate() * (lines.Length == 1 ? 2 : 1), until = _phase + (perSecond * (now - _last) / 1e9);
                for (double next = Math.Floor(_phase) + 1; next <= until && perSecond > 0; next++)
                {
                    long at = _last + (long)((next - _phase) / perSecond * 1e9), step = (long)next;
                    if (lines.Length == 1) gpio.Drive(lines[0], step % 2 == 1, at);
                    else gpio.Drive(lines[step % 2 == 1 ? 0 : 1], step % 4 is 1 or 2, at);
                }
                _phase = until;
            }
            _last = now;
        }
    }
}
