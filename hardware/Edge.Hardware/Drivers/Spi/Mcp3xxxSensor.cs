using System.Device.Spi;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Drivers.Spi;

/// <summary>Drivers <c>mcp3008</c> (10 bit) and <c>mcp3208</c> (12 bit): up to eight voltages.</summary>
/// <remarks>Source: Microchip DS21295D (MCP3004/3008) and DS21298E (MCP3204/3208): 4.2 (code = 2^n x Vin / Vref), 5.0 (start, single/differential, channel), 6.1 (aligned to bytes).</remarks>
internal sealed class Mcp3xxxSensor : ISensor
{
    private readonly DriverSetup _setup;
    private readonly bool _is12Bit;
    private readonly double _reference;
    private readonly SpiConnectionSettings _connection;
    private readonly List<int> _channels = [];
    private SpiDevice? _device;

    public Mcp3xxxSensor(DriverSetup setup, bool is12Bit)
    {
        (_setup, _is12Bit) = (setup, is12Bit);
        (int bus, int select) = setup.Spi();
        _connection = new SpiConnectionSettings(bus, select) { ClockFrequency = setup.Settings.Number("clock", 1_000_000, 10_000, 3_600_000), Mode = SpiMode.Mode0 };
        _reference = setup.Settings.Real("reference", 3.3, 0.25, 5.5);
        foreach (string text in setup.Settings.Text("channels", "0,1,2,3,4,5,6,7").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (DriverSettings.TryInteger(text, out long channel) && channel is >= 0 and <= 7 && !_channels.Contains((int)channel)) _channels.Add((int)channel);
            else setup.Settings.Problem("channels", $"has '{text}'; use 0 to 7, each once, with commas between them");
        }
    }

    public string Bus => $"spi{_connection.BusId}";

    public void Open()
    {
        Dispose();
        _device = _setup.Hardware.OpenSpi(_connection);
    }

    public void Read(ReadingBuffer readings)
    {
        Span<byte> sent = stackalloc byte[3], got = stackalloc byte[3];
        int missing = 0;
        foreach (int channel in _channels)
        {
            (sent[0], sent[1], sent[2]) = _is12Bit ? ((byte)(0x06 | (channel >> 2)), (byte)(channel << 6), (byte)0) : ((byte)0x01, (byte)(0x80 | (channel << 4)), (byte)0);
            _device!.TransferFullDuplex(sent, got);
            // Before the data comes one bit that is always 0; a line that is high there has no chip behind it.
            if ((got[1] & (_is12Bit ? 0x10 : 0x04)) != 0) { missing++; readings.Fault($"ch{channel}/voltage", "V", "the chip does not answer (no null bit)"); continue; }
            int code = ((got[1] & (_is12Bit ? 0x0F : 0x03)) << 8) | got[2];
            readings.Add($"ch{channel}/voltage", code * _reference / (_is12Bit ? 4096 : 1024), "V");
        }
        if (missing == _channels.Count) throw new BusException(BusFault.NoDevice, $"spi{_connection.BusId}.{_connection.ChipSelectLine}: no device answers; check wiring, power and chip select");
    }

    public void Dispose()
    {
        _device?.Dispose();
        _device = null;
    }
}
