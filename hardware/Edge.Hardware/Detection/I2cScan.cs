using System.Device.I2c;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers;
using Edge.Hardware.Drivers.I2c;

namespace Edge.Hardware.Detection;

/// <summary>Asks every address of an I2C bus, and where one answers, what it is.</summary>
/// <remarks>An address is asked by reading one byte, as i2cdetect does where writing could do harm (0x30 to 0x37, 0x50 to 0x5F); what answers with an identification is asked for it.</remarks>
internal static class I2cScan
{
    private static readonly (string Driver, int[] Addresses)[] ByAddress =
    [
        ("bme280", Bmx280Sensor.Addresses), ("sht3x", Sht3xSensor.Addresses), ("sht4x", Sht4xSensor.Addresses), ("aht20", Aht20Sensor.Addresses), ("ads1115", Ads1115Sensor.Addresses), ("ina219", InaSensor.Addresses),
        ("mpu6050", Mpu6050Sensor.Addresses), ("bh1750", Bh1750Sensor.Addresses), ("tsl2561", Tsl2561Sensor.Addresses), ("scd30", Scd30Sensor.Addresses), ("scd4x", Scd4xSensor.Addresses),
    ];

    /// <exception cref="BusException">The bus itself cannot be used.</exception>
    public static IReadOnlyList<DetectedDevice> Scan(IHardware hardware, int bus, CancellationToken cancellationToken)
    {
        var found = new List<DetectedDevice>();
        int stuck = 0;
        for (int address = 0x08; address <= 0x77; address++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using I2cDevice device = hardware.OpenI2c(bus, address);
            try { device.ReadByte(); }
            catch (BusException e) when (e.Fault == BusFault.InUse)
            {
                found.Add(new($"i2c-{bus}", $"0x{address:x2}", ["iio", "hwmon"], false)); // a driver of the kernel has it
                continue;
            }
            catch (BusException e) when (e.Fault is BusFault.NoDevice or BusFault.Transfer) { continue; }
            catch (BusException e) when (e.Fault == BusFault.Stuck)
            {
                if (++stuck >= 20) throw; // a bus on which nothing comes to an end; some adapters answer so for an absent device
                continue;
            }
            (IReadOnlyList<string> drivers, bool isCertain) = Identify(device, address, hardware);
            found.Add(new($"i2c-{bus}", $"0x{address:x2}", drivers, isCertain));
        }
        return found;
    }

    private static (IReadOnlyList<string> Drivers, bool IsCertain) Identify(I2cDevice device, int address, IHardware hardware)
    {
        if (Bmx280Sensor.Addresses.Contains(address))
        {
            string? known = Register(device, Bmx280Sensor.Id, 1) switch { Bmx280Sensor.Bme280Id => "bme280", Bmx280Sensor.Bmp280Id => "bmp280", Bme680Sensor.ChipId => "bme680", _ => null };
            return known is null ? ([], false) : ([known], true);
        }
        if (Mpu6050Sensor.Addresses.Contains(address) && Register(device, Mpu6050Sensor.WhoAmI, 1) == 0x68) return (["mpu6050"], true);
        if (InaSensor.Addresses.Contains(address) && Register(device, InaSensor.Manufacturer, 2) == 0x5449) return (["ina226"], true);
        if (Sht4xSensor.Addresses.Contains(address))
        {
            if (Answers(device, hardware, [0xF3, 0x2D], 3)) return (["sht3x"], true);
            if (Answers(device, hardware, [0x89], 6)) return (["sht4x"], true);
        }
        if (Scd4xSensor.Addresses.Contains(address) && Answers(device, hardware, [0xE4, 0xB8], 3)) return (["scd4x"], true);
        if (Scd30Sensor.Addresses.Contains(address) && Answers(device, hardware, [0x02, 0x02], 3)) return (["scd30"], true);
        return ([.. ByAddress.Where(d => d.Addresses.Contains(address)).Select(static d => d.Driver)], false);
    }

    private static int Register(I2cDevice device, byte register, int bytes)
    {
        Span<byte> value = stackalloc byte[bytes];
        try { device.WriteRead([register], value); }
        catch (BusException) { return -1; }
        return bytes == 1 ? value[0] : (value[0] << 8) | value[1];
    }

    /// <summary>True when the answer carries right checksums.</summary>
    private static bool Answers(I2cDevice device, IHardware hardware, ReadOnlySpan<byte> command, int bytes)
    {
        Span<byte> answer = stackalloc byte[bytes];
        try
        {
            device.Write(command);
            hardware.Delay(TimeSpan.FromMilliseconds(5));
            device.Read(answer);
        }
        catch (BusException) { return false; }
        for (int i = 0; i < bytes; i += 3) if (Checksums.Sensirion(answer.Slice(i, 2)) != answer[i + 2]) return false;
        return true;
    }
}
