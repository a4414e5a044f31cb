using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.Host;
using Edge.Hardware.Drivers.I2c;
using Edge.Hardware.Drivers.Kernel;
using Edge.Hardware.Drivers.Pins;
using Edge.Hardware.Drivers.Registers;
using Edge.Hardware.Drivers.Serial;
using Edge.Hardware.Drivers.Spi;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Drivers;

/// <summary>The drivers by name. A driver lives in a folder below and is listed here.</summary>
public static class SensorDrivers
{
    private sealed record Driver(string Name, string Summary, IReadOnlyList<string> Settings, Func<DriverSetup, ISensor> Create);

    private static readonly string[] OnI2c = ["bus", "address"], OnSpi = ["bus", "chipselect", "clock"], OnSerial = ["device", "baud"], Input = ["line", "pull", "activelow"], Actuator = ["default", "failsafe", ActuatorSettings.Topic, ActuatorSettings.Key];

    private static readonly List<Driver> All =
    [
        new("host", "the machine itself", HostSensorSettings.Names, static s => HostSensor.Create(s.Options, s.Problems, s.KeyPath) ?? (ISensor)new InvalidSensor()),
        new("bme280", "temperature, humidity, pressure (I2C)", OnI2c, static s => new Bmx280Sensor(s, hasHumidity: true)),
        new("bmp280", "temperature, pressure (I2C)", OnI2c, static s => new Bmx280Sensor(s, hasHumidity: false)),
        new("bme680", "temperature, humidity, pressure (I2C)", OnI2c, static s => new Bme680Sensor(s)),
        new("sht3x", "temperature, humidity (I2C)", OnI2c, static s => new Sht3xSensor(s)),
        new("sht4x", "temperature, humidity (I2C)", OnI2c, static s => new Sht4xSensor(s)),
        new("aht20", "temperature, humidity (I2C)", OnI2c, static s => new Aht20Sensor(s)),
        new("ads1115", "four voltages, 16 bit (I2C)", [.. OnI2c, "range", "channels"], static s => new Ads1115Sensor(s)),
        new("ina219", "voltage, current, power (I2C)", [.. OnI2c, "shunt", "maxcurrent"], static s => new InaSensor(s, is226: false)),
        new("ina226", "voltage, current, power (I2C)", [.. OnI2c, "shunt", "maxcurrent"], static s => new InaSensor(s, is226: true)),
        new("mpu6050", "acceleration, rotation (I2C)", [.. OnI2c, "accelerationrange", "gyrorange"], static s => new Mpu6050Sensor(s)),
        new("bh1750", "illuminance (I2C)", OnI2c, static s => new Bh1750Sensor(s)),
        new("tsl2561", "illuminance (I2C)", [.. OnI2c, "gain"], static s => new Tsl2561Sensor(s)),
        new("scd30", "CO2, temperature, humidity (I2C)", [.. OnI2c, "pressure"], static s => new Scd30Sensor(s)),
        new("scd4x", "CO2, temperature, humidity (I2C)", OnI2c, static s => new Scd4xSensor(s)),
        new("i2c-register", "any I2C device with registers", [.. OnI2c, "registers", "init", "settle"], static s => new I2cRegisterSensor(s)),
        new("mcp3008", "eight voltages, 10 bit (SPI)", [.. OnSpi, "reference", "channels"], static s => new Mcp3xxxSensor(s, is12Bit: false)),
        new("mcp3208", "eight voltages, 12 bit (SPI)", [.. OnSpi, "reference", "channels"], static s => new Mcp3xxxSensor(s, is12Bit: true)),
        new("spi-register", "any SPI device with registers", [.. OnSpi, "mode", "readbit", "registers", "init"], static s => new SpiRegisterSensor(s)),
        new("pms5003", "particulate matter (serial)", OnSerial, static s => new Pms5003Sensor(s)),
        new("nmea", "GPS position (serial)", OnSerial, static s => new NmeaSensor(s)),
        new("modbus", "Modbus RTU station (RS-485)", [.. OnSerial, "station", "table", "registers", "timeout", "parity", "stopbits", "rs485"], static s => new ModbusSensor(s)),
        new("ds18b20", "temperatures (1-Wire, kernel)", ["devices"], static s => new OneWireSensor(s)),
        new("dht22", "temperature, humidity (kernel's dht11 driver)", ["device"], static s => new IioSensor(s, isDht: true)),
        new("iio", "any sensor of the kernel's Industrial I/O", ["device"], static s => new IioSensor(s, isDht: false)),
        new("hwmon", "any hardware monitoring chip of the kernel", ["chip"], static s => new HwmonSensor(s)),
        new("gpio-input", "contact, button, motion: an edge is a record", [.. Input, "debounce", "edges"], static s => new InputSensor(s)),
        new("gpio-counter", "pulses: count, total, rate", [.. Input, "debounce", "pulsesperunit", "unit", "rate"], static s => new CounterSensor(s)),
        new("gpio-quadrature", "encoder: position, speed", ["a", "b", "pull", "stepsperunit", "unit"], static s => new QuadratureSensor(s)),
        new("gpio-frequency", "frequency, duty cycle", ["line", "pull", "dutycycle", "factor", "unit"], static s => new FrequencySensor(s)),
        new("gpio-output", "relay, valve, lamp: driven by commands", ["line", "activelow", "drive", "commandtimeout", .. Actuator], static s => new OutputSensor(s)),
        new("pwm", "dimmer, motor: driven by commands", ["chip", "channel", "frequency", .. Actuator], static s => new PwmSensor(s)),
    ];

    /// <summary>What <c>Sensors:n:driver</c> may be.</summary>
    public static IReadOnlyList<string> Names => [.. All.Select(static d => d.Name)];

    /// <summary>Names with one line each.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Summaries => [.. All.Select(static d => (d.Name, d.Summary))];

    /// <summary>Adds the drivers of another assembly, before the configuration is read. Names there are already win.</summary>
    /// <param name="create">Makes the sensor out of its name, its options, and what opens an I2C device by bus and address.</param>
    public static void Register(string name, string summary, IReadOnlyList<string> settings, int defaultI2cAddress, Func<string, Func<System.Device.I2c.I2cDevice>, string, ISensor> create)
    {
        if (All.Exists(d => d.Name == name)) return;
        All.Add(new(name, summary, [.. OnI2c, .. settings], s =>
        {
            (int bus, int address) = s.I2c(defaultI2cAddress, []);
            return create(s.Name, () => s.Hardware.OpenI2c(bus, address), $"i2c-{bus}");
        }));
    }

    /// <summary>Makes the sensor, not yet opened. Adds every problem of its settings; null when there was one.</summary>
    internal static ISensor? Create(SensorOptions options, string keyPath, List<string> problems, IHardware hardware, GpioEventLoop events, ClaimedParts claimed, TimeProvider timeProvider)
    {
        Driver? driver = All.Find(d => string.Equals(d.Name, options.Driver, StringComparison.OrdinalIgnoreCase));
        if (driver is null)
        {
            problems.Add($"{keyPath}:driver is '{options.Driver}'; use one of: {string.Join(", ", Names)}.");
            return null;
        }
        int before = problems.Count;
        foreach (string setting in options.Settings.Keys)
        {
            if (!driver.Settings.Contains(setting, StringComparer.OrdinalIgnoreCase))
                problems.Add($"{keyPath}:settings:{setting} is not known to driver '{driver.Name}'; use: {string.Join(", ", driver.Settings)}.");
        }
        ISensor sensor = driver.Create(new DriverSetup(options, keyPath, problems, hardware, events, claimed, timeProvider));
        if (problems.Count == before) return sensor;
        sensor.Dispose();
        return null;
    }

    /// <summary>Stands for a sensor whose settings have problems, until they are counted.</summary>
    private sealed class InvalidSensor : ISensor
    {
        public void Open() { }

        public void Read(ReadingBuffer readings) { }

        public void Dispose() { }
    }
}
