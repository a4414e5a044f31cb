using System.Device.Spi;
using Edge.Hardware.Drivers.I2c;

namespace Edge.Hardware.Drivers.Registers;

/// <summary>Driver <c>i2c-register</c>: any I2C device with registers, described in configuration.</summary>
internal sealed class I2cRegisterSensor : I2cSensor
{
    private readonly IReadOnlyList<RegisterValue> _values;
    private readonly IReadOnlyList<byte[]> _writes;
    private readonly int _settle;

    public I2cRegisterSensor(DriverSetup setup) : base(setup, 0x48, [], isShared: true)
    {
        _values = RegisterMap.Parse(setup.Settings, 8, 0xFF);
        _writes = RegisterWrites.Parse(setup.Settings);
        _settle = setup.Settings.Number("settle", 0, 0, 2000);
        if (!setup.Settings.Has("address")) setup.Settings.Problem("address", "is missing; use the device's address, 0x03 to 0x77");
    }

    public override void Read(ReadingBuffer readings)
    {
        Span<byte> raw = stackalloc byte[8];
        foreach (RegisterValue value in _values)
        {
            ReadRegisters((byte)value.Register, raw[..value.Bytes]);
            readings.Add(value.Metric, value.Decode(raw), value.Unit, value.Min, value.Max);
        }
    }

    protected override void Initialize()
    {
        foreach (byte[] write in _writes) Device.Write(write);
        if (_settle > 0) Delay(_settle);
    }
}

/// <summary>Driver <c>spi-register</c>: any SPI device with registers; the register's number goes first, with the read bit of the device.</summary>
internal sealed class SpiRegisterSensor : ISensor
{
    private readonly DriverSetup _setup;
    private readonly SpiConnectionSettings _connection;
    private readonly IReadOnlyList<RegisterValue> _values;
    private readonly IReadOnlyList<byte[]> _writes;
    private readonly int _readBit;
    private SpiDevice? _device;

    public SpiRegisterSensor(DriverSetup setup)
    {
        _setup = setup;
        (int bus, int select) = setup.Spi(isShared: true);
        _connection = new SpiConnectionSettings(bus, select)
        {
            ClockFrequency = setup.Settings.Number("clock", 1_000_000, 10_000, 50_000_000),
            Mode = setup.Settings.Choice("mode", SpiMode.Mode0, ("0", SpiMode.Mode0), ("1", SpiMode.Mode1), ("2", SpiMode.Mode2), ("3", SpiMode.Mode3)),
        };
        _readBit = setup.Settings.Number("readbit", 0x80, 0, 0xFF);
        _values = RegisterMap.Parse(setup.Settings, 8, 0xFF);
        _writes = RegisterWrites.Parse(setup.Settings);
    }

    public string Bus => $"spi{_connection.BusId}";

    public void Open()
    {
        Dispose();
        _device = _setup.Hardware.OpenSpi(_connection);
        foreach (byte[] write in _writes) _device.Write(write);
    }

    public void Read(ReadingBuffer readings)
    {
        Span<byte> sent = stackalloc byte[9], got = stackalloc byte[9];
        foreach (RegisterValue value in _values)
        {
            sent.Clear();
            sent[0] = (byte)(value.Register | _readBit);
            _device!.TransferFullDuplex(sent[..(value.Bytes + 1)], got[..(value.Bytes + 1)]);
            readings.Add(value.Metric, value.Decode(got[1..]), value.Unit, value.Min, value.Max);
        }
    }

    public void Dispose()
    {
        _device?.Dispose();
        _device = null;
    }
}

/// <summary>What is written when a device is opened: <c>0x01=0x60a0; 0x02=0x05</c>.</summary>
internal static class RegisterWrites
{
    public static IReadOnlyList<byte[]> Parse(DriverSettings settings)
    {
        var writes = new List<byte[]>();
        foreach (string entry in settings.Text("init", "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = entry.Split('=', StringSplitOptions.TrimEntries);
            if (sides.Length == 2 && DriverSettings.TryInteger(sides[0], out long register) && register is >= 0 and <= 0xFF
                && sides[1].StartsWith("0x", StringComparison.OrdinalIgnoreCase) && sides[1].Length % 2 == 0 && sides[1].Length is >= 4 and <= 34 && TryHex(sides[1].AsSpan(2), out byte[] bytes))
                writes.Add([(byte)register, .. bytes]);
            else settings.Problem("init", $"has '{entry}'; use writes such as 0x01=0x60a0 with ';' between them");
        }
        return writes;
    }

    private static bool TryHex(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[text.Length / 2];
        return Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
