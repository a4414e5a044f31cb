using Edge.Hardware.Boards;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Buses;

/// <summary>Frees an I2C bus on which a device that lost its place holds SDA low: up to nine clock pulses, then a STOP.</summary>
/// <remarks>
/// Source: NXP UM10204 (I2C-bus specification) rev. 7, section 3.1.16 "Bus clear". The bus' driver is taken off its pins meanwhile and put back, which
/// also resets the controller; needs rights on sysfs (root, or CAP_DAC_OVERRIDE). A clock that is held low cannot be freed by anybody but the device: said so.
/// </remarks>
internal sealed class I2cRecovery(IHardware hardware, int bus)
{
    private const int Pulses = 9;

    /// <summary>Half a period of 100 kHz is 5 µs; slower is always allowed.</summary>
    private static readonly TimeSpan HalfPeriod = TimeSpan.FromTicks(100);

    /// <exception cref="BusException">It cannot be done here, or did not help.</exception>
    public string Run()
    {
        (HeaderPin? data, HeaderPin? clock) = (Pin($"SDA{bus}"), Pin($"SCL{bus}"));
        if (data is null || clock is null) throw new BusException(BusFault.Stuck, $"i2c-{bus} looks stuck, and the pins of this bus are not known on a {hardware.Board.Title}: power-cycle its devices");
        string? driver = Detach();
        try { return Clock(data, clock); }
        finally { Attach(driver); }
    }

    private string Clock(HeaderPin data, HeaderPin clock)
    {
        var request = new GpioRequest([new("", 0, clock.Label), new("", 0, data.Label)], "edge i2c recovery") { IsOutput = true, InitialValue = true, Drive = GpioDrive.OpenDrain };
        using IGpioLines lines = hardware.OpenGpio(request);
        const int scl = 0, sda = 1;
        hardware.Delay(HalfPeriod);
        if (!lines.Read(scl)) throw new BusException(BusFault.Stuck, $"i2c-{bus}: SCL (header pin {clock.Number}) is held low: a short to ground, no pull-up, or a device that stretches the clock for ever; only power-cycling that device helps");
        int pulses = 0;
        while (!lines.Read(sda) && pulses < Pulses)
        {
            pulses++;
            lines.Write(scl, false);
            hardware.Delay(HalfPeriod);
            lines.Write(scl, true);
            hardware.Delay(HalfPeriod);
        }
        if (!lines.Read(sda)) throw new BusException(BusFault.Stuck, $"i2c-{bus}: SDA (header pin {data.Number}) stays low after {Pulses} clock pulses: a short to ground, no pull-up, or a broken device");
        // A STOP: SDA rises while SCL is high.
        lines.Write(scl, false);
        lines.Write(sda, false);
        hardware.Delay(HalfPeriod);
        lines.Write(scl, true);
        hardware.Delay(HalfPeriod);
        lines.Write(sda, true);
        hardware.Delay(HalfPeriod);
        return pulses == 0 ? "SDA was high already; the controller was reset" : $"SDA was held low and came free after {pulses} clock pulses";
    }

    private HeaderPin? Pin(string function) => hardware.Board.Header.FirstOrDefault(p => p.Function.Split(' ').Contains(function));

    /// <summary>The platform driver's folder and the device's name in it; null when the bus has none (an adapter on USB, a simulated machine).</summary>
    private string? Detach()
    {
        string adapter = Path.Join(hardware.FileRoot, $"sys/class/i2c-adapter/i2c-{bus}");
        if (!Directory.Exists(adapter)) return null;
        try
        {
            if (new FileInfo(Path.Join(adapter, "device")).ResolveLinkTarget(true) is not { } device || new FileInfo(Path.Join(device.FullName, "driver")).ResolveLinkTarget(true) is not { } driver) return null;
            File.WriteAllText(Path.Join(driver.FullName, "unbind"), device.Name);
            return $"{driver.FullName}\n{device.Name}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BusException(BusFault.NoPermission, $"i2c-{bus} looks stuck, and its driver cannot be taken off its pins to free it: {e.Message} (needs root)", e);
        }
    }

    private void Attach(string? detached)
    {
        if (detached?.Split('\n') is not [string driver, string device]) return;
        try { File.WriteAllText(Path.Join(driver, "bind"), device); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BusException(BusFault.NoSuchBus, $"i2c-{bus}: its driver could not be put back after the recovery: {e.Message}; restart the machine", e);
        }
    }
}
