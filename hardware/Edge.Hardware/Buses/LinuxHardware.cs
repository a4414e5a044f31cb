using System.Device.I2c;
using System.Device.Pwm;
using System.Device.Spi;
using Edge.Hardware.Boards;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Buses;

/// <summary>The machine itself: character devices of the kernel.</summary>
internal sealed class LinuxHardware(BoardProfile board, bool mayRecover, string fileRoot = "/") : IHardware
{
    private const string EnableI2c = "enable I2C ('sudo raspi-config', Interface, I2C; or dtparam=i2c_arm=on in config.txt), or name another bus";
    private const string EnableSpi = "enable SPI ('sudo raspi-config', Interface, SPI; or dtparam=spi=on in config.txt), or name another bus";

    public BoardProfile Board => board;

    public string FileRoot => fileRoot;

    // On Linux the monotonic clock of .NET is CLOCK_MONOTONIC in nanoseconds, the clock that GPIO events carry.
    public long MonotonicNs => System.Diagnostics.Stopwatch.GetTimestamp();

    public I2cDevice OpenI2c(int bus, int address)
    {
        DeviceAccess.Check($"/dev/i2c-{bus}", EnableI2c);
        return new CheckedI2cDevice(I2cDevice.Create(new I2cConnectionSettings(bus, address)));
    }

    public SpiDevice OpenSpi(SpiConnectionSettings settings)
    {
        DeviceAccess.Check($"/dev/spidev{settings.BusId}.{settings.ChipSelectLine}", EnableSpi);
        return new CheckedSpiDevice(SpiDevice.Create(settings));
    }

    public ISerialPort OpenSerial(SerialSettings settings) => new LinuxSerialPort(settings);

    public IGpioLines OpenGpio(GpioRequest request) => new LinuxGpioLines(request with { Lines = [.. request.Lines.Select(l => l.Chip.Length > 0 ? l : Find(l.Shown))] });

    public PwmChannel OpenPwm(int chip, int channel, int frequencyHz, double dutyCycle)
    {
        string folder = $"/sys/class/pwm/pwmchip{chip}";
        if (!Directory.Exists(folder)) throw new BusException(BusFault.NoSuchBus, $"there is no {folder}; enable PWM (dtoverlay=pwm in config.txt), or name another chip");
        try { return PwmChannel.Create(chip, channel, frequencyHz, dutyCycle); }
        catch (UnauthorizedAccessException e) { throw new BusException(BusFault.NoPermission, DeviceAccess.NoPermission($"{folder}/export"), e); }
        catch (Exception e) when (e is IOException or ArgumentException) { throw new BusException(BusFault.Transfer, $"channel {channel} of pwmchip{chip} cannot be opened: {e.Message}", e); }
    }

    public void Delay(TimeSpan time) => Thread.Sleep(time);

    public string RecoverI2c(int bus) => mayRecover
        ? new I2cRecovery(this, bus).Run()
        : throw new BusException(BusFault.Stuck, $"i2c-{bus} looks stuck and Hardware:RecoverBuses is off");

    private GpioLineName Find(string name) => LineNames.Find(name, board, LinuxGpioChip.List, LinuxGpioChip.Describe, LinuxGpioChip.Lines);
}
