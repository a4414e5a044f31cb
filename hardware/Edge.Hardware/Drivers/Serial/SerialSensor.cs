using Edge.Hardware.Buses;

namespace Edge.Hardware.Drivers.Serial;

/// <summary>What drivers of serial lines share.</summary>
internal abstract class SerialSensor : ISensor
{
    private ISerialPort? _port;

    protected SerialSensor(DriverSetup setup, string defaultDevice, int defaultBaud, string? sharedBy = null)
    {
        Setup = setup;
        string device = setup.Serial(defaultDevice, sharedBy);
        int baud = setup.Settings.Number("baud", defaultBaud, 1200, 921_600);
        if (!LinuxSerialPort.BaudRates.Contains(baud)) setup.Settings.Problem("baud", $"is {baud}; use one of {string.Join(", ", LinuxSerialPort.BaudRates)}");
        Line = new SerialSettings(device, baud);
    }

    public string Bus => Line.Device;

    protected DriverSetup Setup { get; }

    protected SerialSettings Line { get; init; }

    protected ISerialPort Port => _port ?? throw new SensorException(Setup.Name, "it is not open");

    public virtual void Open()
    {
        Dispose();
        _port = Setup.Hardware.OpenSerial(Line);
    }

    public abstract void Read(ReadingBuffer readings);

    public void Dispose()
    {
        _port?.Dispose();
        _port = null;
        GC.SuppressFinalize(this);
    }
}
