using Edge.Hardware.Buses;
using Edge.Hardware.Commands;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Drivers.Pins;

/// <summary>Driver <c>gpio-output</c>: a relay, valve or lamp, driven by commands. Default level at start, fail-safe level at stop or when commands stay away.</summary>
internal sealed class OutputSensor : IActuator
{
    private readonly DriverSetup _setup;
    private readonly GpioLineName _line;
    private readonly bool _isActiveLow, _default;
    private readonly bool? _failSafe;
    private readonly GpioDrive _drive;
    private readonly TimeSpan _commandTimeout;
    private readonly Lock _lock = new();
    private IGpioLines? _lines;
    private bool _isSafe;
    private long _lastCommandNs, _commands, _failSafes;

    public OutputSensor(DriverSetup setup)
    {
        _setup = setup;
        _line = setup.Line("line");
        _isActiveLow = setup.Settings.Flag("activelow", false);
        _default = setup.Settings.Choice("default", false, ("0", false), ("1", true), ("off", false), ("on", true));
        _failSafe = setup.Settings.Choice<bool?>("failsafe", false, ("0", false), ("1", true), ("off", false), ("on", true), ("keep", null));
        _drive = setup.Settings.Choice("drive", GpioDrive.PushPull, ("push-pull", GpioDrive.PushPull), ("open-drain", GpioDrive.OpenDrain), ("open-source", GpioDrive.OpenSource));
        _commandTimeout = setup.Settings.Time("commandtimeout", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(1));
        Commands = ActuatorSettings.Address(setup);
    }

    public string Bus => "gpio";

    public CommandAddress Commands { get; }

    public void Open()
    {
        lock (_lock)
        {
            if (_lines is not null) return; // its level stays through a failed reading
            _lines = _setup.Hardware.OpenGpio(new([_line], $"edge {_setup.Name}") { IsOutput = true, IsActiveLow = _isActiveLow, InitialValue = _default, Drive = _drive });
            (_isSafe, _lastCommandNs) = (false, _setup.Hardware.MonotonicNs);
        }
    }

    public void Read(ReadingBuffer readings)
    {
        lock (_lock)
        {
            IGpioLines lines = _lines ?? throw new SensorException(_setup.Name, "it is not open");
            if (_commandTimeout > TimeSpan.Zero && !_isSafe && _failSafe is { } safe && _setup.Hardware.MonotonicNs - _lastCommandNs > _commandTimeout.TotalNanoseconds)
            {
                lines.Write(0, safe);
                _isSafe = true;
                _failSafes++;
            }
            readings.Add("level", lines.Read(0) ? 1 : 0, "/", 0, 1);
            readings.Add("commands", _commands, "count", 0);
            if (_commandTimeout > TimeSpan.Zero) readings.Add("failsafes", _failSafes, "count", 0);
        }
    }

    public double Apply(string value)
    {
        bool level = value.ToUpperInvariant() switch
        {
            "1" or "ON" or "TRUE" or "HIGH" => true,
            "0" or "OFF" or "FALSE" or "LOW" => false,
            _ => throw new SensorException(_setup.Name, $"'{value}' is no command; use 1, 0, on, off, true or false"),
        };
        lock (_lock)
        {
            IGpioLines lines = _lines ?? throw new BusException(BusFault.NoSuchBus, $"sensor '{_setup.Name}': line {_line.Shown} is not open");
            lines.Write(0, level);
            if (lines.Read(0) != level && _drive == GpioDrive.PushPull) throw new BusException(BusFault.Stuck, $"line {_line.Shown} does not follow: it was set {(level ? "on" : "off")} and reads {(level ? "off" : "on")}: a short");
            (_isSafe, _lastCommandNs) = (false, _setup.Hardware.MonotonicNs);
            _commands++;
            return level ? 1 : 0;
        }
    }

    /// <summary>The service stops, or the line failed: fail-safe level first.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_lines is null) return;
            try { if (_failSafe is { } safe) _lines.Write(0, safe); }
            catch (BusException) { } // the chip is gone: there is nothing that could be made safe
            _lines.Dispose();
            _lines = null;
        }
    }
}

/// <summary>Settings that everything that is driven by commands shares.</summary>
internal static class ActuatorSettings
{
    public const string Topic = "commands", Key = "commandkey";

    public static CommandAddress Address(DriverSetup setup)
    {
        var address = new CommandAddress(setup.Settings.Text(Topic, "commands"), setup.Settings.Text(Key, setup.Name));
        if (!Log.Topics.TopicRegistry.IsValidName(address.Topic) || address.Topic.StartsWith("__", StringComparison.Ordinal)) setup.Settings.Problem(Topic, $"is '{address.Topic}'; use 1 to 249 of A-Z a-z 0-9 . _ -, not beginning with __");
        if (address.Topic == setup.Options.Topic) setup.Settings.Problem(Topic, $"is '{address.Topic}', where this output's own records go; use another topic");
        return address;
    }
}
