using System.Device.I2c;
using Edge.Hardware.Buses;

namespace Edge.Hardware.Drivers.I2c;

/// <summary>What I2C drivers share: opening, register access, checksums, waiting for a conversion.</summary>
internal abstract class I2cSensor : ISensor
{
    private readonly int _bus, _address;
    private I2cDevice? _device;

    protected I2cSensor(DriverSetup setup, int defaultAddress, IReadOnlyList<int> addresses, bool isShared = false)
    {
        Setup = setup;
        (_bus, _address) = setup.I2c(defaultAddress, addresses, isShared);
    }

    public string Bus => $"i2c-{_bus}";

    protected DriverSetup Setup { get; }

    protected string Where => $"i2c-{_bus} address 0x{_address:x2}";

    protected I2cDevice Device => _device ?? throw new SensorException(Setup.Name, "it is not open");

    public void Open()
    {
        Dispose();
        _device = Setup.Hardware.OpenI2c(_bus, _address);
        Initialize();
    }

    public abstract void Read(ReadingBuffer readings);

    public void Dispose()
    {
        _device?.Dispose();
        _device = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>Checks that it is the right device and sets it up.</summary>
    protected abstract void Initialize();

    protected byte ReadRegister(byte register)
    {
        Span<byte> value = stackalloc byte[1];
        Device.WriteRead([register], value);
        return value[0];
    }

    protected void ReadRegisters(byte first, Span<byte> values) => Device.WriteRead([first], values);

    protected ushort ReadWord(byte register)
    {
        Span<byte> value = stackalloc byte[2];
        Device.WriteRead([register], value);
        return (ushort)((value[0] << 8) | value[1]);
    }

    protected void WriteRegister(byte register, byte value) => Device.Write([register, value]);

    protected void WriteWord(byte register, ushort value) => Device.Write([register, (byte)(value >> 8), (byte)value]);

    protected void Delay(int milliseconds) => Setup.Hardware.Delay(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Asks every few milliseconds until it is true.</summary>
    /// <exception cref="BusException">Not within <paramref name="limitMs"/>.</exception>
    protected void WaitUntil(Func<bool> isReady, int stepMs, int limitMs)
    {
        for (int waited = 0; !isReady(); waited += stepMs)
        {
            if (waited >= limitMs) throw new BusException(BusFault.Timeout, $"{Where}: not ready after {limitMs} ms");
            Delay(stepMs);
        }
    }

    protected void CheckId(string what, int expected, int actual)
    {
        if (actual != expected) throw new BusException(BusFault.WrongDevice, $"{Where}: {what} is 0x{actual:x2} and not 0x{expected:x2}: another device answers there");
    }

    protected void CheckCrc(ReadOnlySpan<byte> word, byte crc)
    {
        if (Checksums.Sensirion(word) != crc) throw new BusException(BusFault.Checksum, $"{Where}: the checksum does not match (0x{crc:x2}, not 0x{Checksums.Sensirion(word):x2}): a disturbed line");
    }

    /// <summary>Words of two bytes, each with its checksum, as Sensirion's devices send them.</summary>
    protected ushort[] CheckedWords(ReadOnlySpan<byte> answer)
    {
        var words = new ushort[answer.Length / 3];
        for (int i = 0; i < words.Length; i++)
        {
            CheckCrc(answer.Slice(i * 3, 2), answer[(i * 3) + 2]);
            words[i] = (ushort)((answer[i * 3] << 8) | answer[(i * 3) + 1]);
        }
        return words;
    }
}
