using System.Globalization;
using Edge.Hardware.Boards;
using Edge.Hardware.Drivers;
using Edge.Hardware.Drivers.I2c;
using Edge.Hardware.Sampling;
using Edge.Hardware.Simulation.Models;

namespace Edge.Hardware.Simulation;

/// <summary>Puts a device of the plant wherever a configured sensor will look for one.</summary>
internal static class SimulatedMachine
{
    public static SimulatedHardware Build(Plant plant, IReadOnlyList<SensorOptions> sensors, BoardProfile board, TimeProvider timeProvider)
    {
        var hardware = new SimulatedHardware(board, timeProvider);
        var numbers = new Dictionary<(int, int), int>();
        foreach (SensorOptions sensor in sensors) Add(hardware, plant, sensor, timeProvider, numbers);
        hardware.I2c.AddBus(1);
        hardware.I2c.Fault = (bus, address) => numbers.TryGetValue((bus, address), out int number) && plant.FaultOf(number) is > 0 and int error ? error : 0;
        hardware.I2c.Disturb = (bus, address, bytes) =>
        {
            if (bytes.Length > 1 && numbers.TryGetValue((bus, address), out int number) && plant.FaultOf(number) < 0) bytes[^1] ^= 0x10;
        };
        hardware.WriteFiles = root => SimulatedFiles.Write(root, plant);
        hardware.Signals = new SimulatedSignals(hardware.Gpio, plant, sensors, board, timeProvider);
        return hardware;
    }

    private static void Add(SimulatedHardware hardware, Plant plant, SensorOptions sensor, TimeProvider timeProvider, Dictionary<(int, int), int> numbers)
    {
        int part = numbers.Count;
        ISimulatedI2c? device = sensor.Driver.ToLowerInvariant() switch
        {
            "bme280" => new Bmx280Model(true, () => (plant.Temperature(part), plant.Humidity(part), plant.Pressure())),
            "bmp280" => new Bmx280Model(false, () => (plant.Temperature(part), 0, plant.Pressure())),
            "bme680" => new Bme680Model(() => (plant.Temperature(part), plant.Humidity(part), plant.Pressure())),
            "sht3x" => CommandModels.Sht3x(() => (plant.Temperature(part), plant.Humidity(part))),
            "sht4x" => CommandModels.Sht4x(() => (plant.Temperature(part), plant.Humidity(part))),
            "aht20" => new Aht20Model(() => (plant.Temperature(part), plant.Humidity(part))),
            "ads1115" => new Ads1115Model(plant.Analog),
            "ina219" => new InaModel(false, Real(sensor, "shunt", 0.1), () => (plant.Voltage(), plant.Current())),
            "ina226" => new InaModel(true, Real(sensor, "shunt", 0.1), () => (plant.Voltage(), plant.Current())),
            "mpu6050" => new Mpu6050Model(() => (plant.Vibration(0), plant.Vibration(1), plant.Vibration(2), plant.Temperature(part))),
            "bh1750" => new Bh1750Model(plant.Light),
            "tsl2561" => new Tsl2561Model(plant.Light),
            "scd30" => CommandModels.Scd30(() => (plant.CarbonDioxide(), plant.Temperature(part), plant.Humidity(part))),
            "scd4x" => CommandModels.Scd4x(() => (plant.CarbonDioxide(), plant.Temperature(part), plant.Humidity(part))),
            "i2c-register" => new AnyRegisterModel(() => plant.Wave(part)),
            _ => null,
        };
        if (device is not null)
        {
            (int, int) at = (Whole(sensor, "bus", 1), Whole(sensor, "address", DefaultAddress(sensor.Driver)));
            hardware.I2c.Add(at.Item1, at.Item2, device);
            numbers[at] = part;
            return;
        }
        (int, int) select = (Whole(sensor, "bus", 0), Whole(sensor, "chipselect", 0));
        switch (sensor.Driver.ToLowerInvariant())
        {
            case "mcp3008": hardware.Spi[select] = new Mcp3xxxModel(false, Real(sensor, "reference", 3.3), plant.Analog); break;
            case "mcp3208": hardware.Spi[select] = new Mcp3xxxModel(true, Real(sensor, "reference", 3.3), plant.Analog); break;
            case "spi-register": hardware.Spi[select] = new SpiRegisterModel(() => plant.Wave(part)); break;
            case "pms5003": hardware.Serial[Text(sensor, "device", "/dev/serial0")] = new Pms5003Model(plant.Dust); break;
            case "nmea": hardware.Serial[Text(sensor, "device", "/dev/serial0")] = new NmeaModel(timeProvider, plant.Position); break;
            case "modbus":
                string line = Text(sensor, "device", "/dev/ttyUSB0");
                if (!hardware.Serial.TryGetValue(line, out ISimulatedSerial? modbus)) hardware.Serial[line] = modbus = new ModbusModel((station, register) => (ushort)(2300 + (100 * plant.Wave(station + register))));
                if (modbus is ModbusModel stations) stations.Stations.Add(Whole(sensor, "station", 1));
                break;
        }
    }

    private static int DefaultAddress(string driver) => driver.ToLowerInvariant() switch
    {
        "bme280" or "bmp280" or "bme680" => 0x76,
        "sht3x" or "sht4x" => 0x44,
        "aht20" => 0x38,
        "ads1115" or "i2c-register" => 0x48,
        "ina219" or "ina226" => 0x40,
        "mpu6050" => 0x68,
        "bh1750" => 0x23,
        "tsl2561" => 0x39,
        "scd30" => Scd30Sensor.Addresses[0],
        _ => Scd4xSensor.Addresses[0],
    };

    private static string Text(SensorOptions sensor, string name, string fallback) => sensor.Settings.FirstOrDefault(s => s.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value?.Trim() ?? fallback;

    // What cannot be read is reported when the sensor itself is made.
    private static int Whole(SensorOptions sensor, string name, int fallback) => DriverSettings.TryInteger(Text(sensor, name, fallback.ToString(CultureInfo.InvariantCulture)), out long number) ? (int)number : fallback;

    private static double Real(SensorOptions sensor, string name, double fallback) => Numbers.TryParse(Text(sensor, name, ""), out double number) ? number : fallback;
}
