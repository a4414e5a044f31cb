using System.Device.I2c;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Edge.Hardware.Buses;

/// <summary>An I2C device whose failed transfers say what a failed transfer means.</summary>
/// <remarks>Source of the numbers: Linux Documentation/i2c/fault-codes.rst. System.Device.Gpio gives them in the text of an IOException.</remarks>
internal sealed partial class CheckedI2cDevice(I2cDevice inner) : I2cDevice
{
    public override I2cConnectionSettings ConnectionSettings => inner.ConnectionSettings;

    public override byte ReadByte()
    {
        try { return inner.ReadByte(); }
        catch (IOException e) { throw Translate(e); }
    }

    public override void Read(Span<byte> buffer)
    {
        try { inner.Read(buffer); }
        catch (IOException e) { throw Translate(e); }
    }

    public override void WriteByte(byte value)
    {
        try { inner.WriteByte(value); }
        catch (IOException e) { throw Translate(e); }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try { inner.Write(buffer); }
        catch (IOException e) { throw Translate(e); }
    }

    public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
    {
        try { inner.WriteRead(writeBuffer, readBuffer); }
        catch (IOException e) { throw Translate(e); }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private BusException Translate(IOException e)
    {
        string where = $"i2c-{ConnectionSettings.BusId} address 0x{ConnectionSettings.DeviceAddress:x2}";
        Match number = ErrorNumber().Match(e.Message);
        int error = number.Success ? int.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture) : Libc.IoError;
        return error switch
        {
            Libc.NoDeviceOrAddress or Libc.RemoteIo => new(BusFault.NoDevice, $"{where}: no device answers; check wiring, power and address ('edge hardware detect' lists what answers)", e),
            Libc.TimedOut => new(BusFault.Stuck, $"{where}: the bus timed out: a device stretches the clock for too long, or SDA or SCL is held low (a short, no pull-up, a device reset in mid-transfer)", e),
            Libc.TryAgain => new(BusFault.Transfer, $"{where}: arbitration lost: another master, or a disturbed line", e),
            Libc.NoPermission or Libc.NoPermission2 => new(BusFault.NoPermission, DeviceAccess.NoPermission($"/dev/i2c-{ConnectionSettings.BusId}"), e),
            Libc.Busy => new(BusFault.InUse, $"{where}: a driver of the kernel uses this address; unbind it, or read the sensor by driver 'iio' or 'hwmon'", e),
            Libc.NotSupported => new(BusFault.NoSuchBus, $"{where}: the adapter can do SMBus only, not plain I2C transfers", e),
            _ => new(BusFault.Transfer, $"{where}: the transfer failed: {Libc.Text(error)} (error {error})", e),
        };
    }

    [GeneratedRegex(@"[Ee]rror (\d+)")]
    private static partial Regex ErrorNumber();
}
