using System.Device.Pwm;
using System.Globalization;
using Edge.Hardware.Buses;
using Edge.Hardware.Commands;
using Edge.Hardware.Sampling;

namespace Edge.Hardware.Drivers.Pins;

/// <summary>Driver <c>pwm</c>: a dimmer or a motor on a hardware PWM channel, driven by commands of 0 to 1 (or 0% to 100%).</summary>
internal sealed class PwmSensor : IActuator
{
    private readonly DriverSetup _setup;
    private readonly int _chip, _channel, _frequency;
    private readonly double _default, _failSafe;
    private readonly Lock _lock = new();
    private PwmChannel? _pwm;
    private long _commands;

    public PwmSensor(DriverSetup setup)
    {
        _setup = setup;
        _chip = setup.Settings.Number("chip", 0, 0, 63);
        _channel = setup.Settings.Number("channel", 0, 0, 15);
        _frequency = setup.Settings.Number("frequency", 1000, 1, 10_000_000);
        _default = setup.Settings.Real("default", 0, 0, 1);
        _failSafe = setup.Settings.Real("failsafe", 0, 0, 1);
        Commands = ActuatorSettings.Address(setup);
    }

    public string Bus => $"pwm{_chip}";

    public CommandAddress Commands { get; }

    public void Open()
    {
        lock (_lock)
        {
            if (_pwm is not null) return;
            _pwm = _setup.Hardware.OpenPwm(_chip, _channel, _frequency, _default);
            _pwm.Start();
        }
    }

    public void Read(ReadingBuffer readings)
    {
        lock (_lock)
        {
            PwmChannel pwm = _pwm ?? throw new SensorException(_setup.Name, "it is not open");
            readings.Add("dutycycle", pwm.DutyCycle, "/", 0, 1);
            readings.Add("commands", _commands, "count", 0);
        }
    }

    public double Apply(string value)
    {
        bool isPercent = value.EndsWith('%');
        if (!Numbers.TryParse(isPercent ? value[..^1] : value, out double duty) || (duty = isPercent ? duty / 100 : duty) is < 0 or > 1)
            throw new SensorException(_setup.Name, string.Create(CultureInfo.InvariantCulture, $"'{value}' is no command; use 0 to 1, or 0% to 100%"));
        lock (_lock)
        {
            PwmChannel pwm = _pwm ?? throw new BusException(BusFault.NoSuchBus, $"sensor '{_setup.Name}': the channel is not open");
            pwm.DutyCycle = duty;
            _commands++;
            return duty;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_pwm is null) return;
            try { _pwm.DutyCycle = _failSafe; }
            catch (IOException) { } // the channel is gone: there is nothing that could be made safe
            if (_failSafe == 0) _pwm.Dispose(); // stops the channel; with another fail-safe it must run on
            _pwm = null;
        }
    }
}
