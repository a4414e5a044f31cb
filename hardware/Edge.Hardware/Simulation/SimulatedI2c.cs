using System.Device.I2c;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Simulation;

/// <summary>A device on a simulated I2C bus, seen from the wire: what a START with its address, bytes, and a STOP do.</summary>
internal interface ISimulatedI2c
{
    void Write(ReadOnlySpan<byte> bytes);

    void Read(Span<byte> bytes);
}

/// <summary>All simulated I2C buses.</summary>
internal sealed class SimulatedI2cBuses
{
    private readonly Dictionary<(int Bus, int Address), ISimulatedI2c> _devices = [];
    private readonly HashSet<int> _buses = [];

    public long Transfers { get; private set; }

    /// <summary>Error number the next transfers fail with (121 no answer, 110 stuck), by bus; 0 or nothing: none.</summary>
    public Func<int, int, int>? Fault { get; set; }

    /// <summary>Changes what a device answered, to break checksums.</summary>
    public Action<int, int, Span<byte>>? Disturb { get; set; }

    public IReadOnlyCollection<(int Bus, int Address)> Present => _devices.Keys;

    public void Add(int bus, int address, ISimulatedI2c device)
    {
        _buses.Add(bus);
        _devices[(bus, address)] = device;
    }

    public void AddBus(int bus) => _buses.Add(bus);

    public void Remove(int bus, int address) => _devices.Remove((bus, address));

    public I2cDevice Open(int bus, int address) => _buses.Contains(bus)
        ? new CheckedI2cDevice(new Device(this, new I2cConnectionSettings(bus, address)))
        : throw new BusException(BusFault.NoSuchBus, $"there is no /dev/i2c-{bus}; the simulation has no such bus");

    private ISimulatedI2c Find(I2cConnectionSettings at)
    {
        Transfers++;
        int error = Fault?.Invoke(at.BusId, at.DeviceAddress) ?? 0;
        // Worded as System.Device.Gpio words it, so that the translation of the real driver is what runs.
        if (error != 0) throw new IOException($"Error {error} performing I2C data transfer.");
        return _devices.TryGetValue((at.BusId, at.DeviceAddress), out ISimulatedI2c? device) ? device : throw new IOException($"Error {Libc.RemoteIo} performing I2C data transfer.");
    }

    private sealed class Device(SimulatedI2cBuses buses, I2cConnectionSettings settings) : I2cDevice
    {
        public override I2cConnectionSettings ConnectionSettings => settings;

        public override byte ReadByte()
        {
            Span<byte> one = stackalloc byte[1];
            Read(one);
            return one[0];
        }

        public override void Read(Span<byte> buffer)
        {
            buses.Find(settings).Read(buffer);
            buses.Disturb?.Invoke(settings.BusId, settings.DeviceAddress, buffer);
        }

        public override void WriteByte(byte value) => Write([value]);

        public override void Write(ReadOnlySpan<byte> buffer) => buses.Find(settings).Write(buffer);

        public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
        {
            ISimulatedI2c device = buses.Find(settings);
            device.Write(writeBuffer);
            device.Read(readBuffer);
            buses.Disturb?.Invoke(settings.BusId, settings.DeviceAddress, readBuffer);
        }
    }
}

/// <summary>A device with byte registers and a pointer that moves on.</summary>
internal class RegisterModel : ISimulatedI2c
{
    private byte _pointer;

    public byte[] Registers { get; } = new byte[256];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0) return;
        _pointer = Map(bytes[0]);
        for (int i = 1; i < bytes.Length; i++)
        {
            Registers[_pointer] = bytes[i];
            Written(_pointer);
            _pointer++;
        }
    }

    public void Read(Span<byte> bytes)
    {
        Reading(_pointer);
        foreach (ref byte b in bytes) b = Registers[_pointer++];
    }

    public void SetWord(int register, int value) => (Registers[register], Registers[register + 1]) = ((byte)(value >> 8), (byte)value);

    protected virtual byte Map(byte register) => register;

    protected virtual void Written(byte register) { }

    protected virtual void Reading(byte register) { }
}

/// <summary>A device with 16-bit registers, high byte first, each at its own number.</summary>
internal abstract class WordRegisterModel : ISimulatedI2c
{
    private byte _pointer;

    public ushort[] Registers { get; } = new ushort[256];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0) return;
        _pointer = bytes[0];
        if (bytes.Length < 3) return;
        Registers[_pointer] = (ushort)((bytes[1] << 8) | bytes[2]);
        Written(_pointer);
    }

    public void Read(Span<byte> bytes)
    {
        Reading(_pointer);
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(Registers[_pointer] >> (i % 2 == 0 ? 8 : 0));
    }

    protected virtual void Written(byte register) { }

    protected virtual void Reading(byte register) { }
}
