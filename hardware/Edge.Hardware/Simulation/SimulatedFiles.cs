using System.Globalization;
using Edge.Hardware.Drivers;

namespace Edge.Hardware.Simulation;

/// <summary>What the kernel would show in sysfs: two 1-Wire thermometers, a DHT22, a voltage monitor.</summary>
internal static class SimulatedFiles
{
    public static void Write(string root, Plant plant)
    {
        for (int i = 0; i < 2; i++)
        {
            short raw = (short)Math.Round((plant.Temperature(20 + i) - (3 * i)) * 16);
            byte[] scratchpad = [(byte)raw, (byte)(raw >> 8), 0x4B, 0x46, 0x7F, 0xFF, 0x0E, 0x10, 0];
            scratchpad[8] = Checksums.OneWire(scratchpad.AsSpan(0, 8));
            string hex = string.Join(' ', scratchpad.Select(static b => b.ToString("x2", CultureInfo.InvariantCulture)));
            Put(root, $"sys/bus/w1/devices/28-00000{i + 1}c2b1a4/w1_slave", $"{hex} : crc={scratchpad[8]:x2} YES\n{hex} t={raw * 1000 / 16}\n");
        }
        Put(root, "sys/bus/iio/devices/iio:device0/name", "dht11@0\n");
        Put(root, "sys/bus/iio/devices/iio:device0/in_temp_input", $"{(int)(plant.Temperature(30) * 10) * 100}\n");
        Put(root, "sys/bus/iio/devices/iio:device0/in_humidityrelative_input", $"{(int)(plant.Humidity(30) * 10) * 100}\n");
        Put(root, "sys/class/hwmon/hwmon0/name", "rpi_volt\n");
        Put(root, "sys/class/hwmon/hwmon0/in0_input", $"{(int)(plant.Voltage() * 1000)}\n");
        Put(root, "sys/class/hwmon/hwmon0/temp1_input", $"{(int)(plant.Temperature(31) * 1000) + 18_000}\n");
    }

    private static void Put(string root, string path, string text)
    {
        string full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
