namespace Edge.Hardware.Simulation;

/// <summary>What <c>Hardware:Simulate=true</c> reads when no sensors are configured.</summary>
public static class SimulatedSensors
{
    /// <summary>A plant with climate, power, air, flow, a shaft, a door, a valve and a vehicle.</summary>
    public static IReadOnlyList<SensorOptions> Default { get; } =
    [
        Sensor("climate", "bme280", 2, ("address", "0x76")),
        Sensor("power", "ina219", 1),
        Sensor("air", "scd4x", 5),
        Sensor("light", "bh1750", 2),
        Sensor("vibration", "mpu6050", 1),
        Sensor("tank", "mcp3008", 2, ("channels", "0,1")),
        Sensor("pipes", "ds18b20", 5),
        Sensor("dust", "pms5003", 5),
        Sensor("flow", "gpio-counter", 2, ("line", "GPIO17"), ("pulsesperunit", "450"), ("unit", "l"), ("rate", "min")),
        Sensor("shaft", "gpio-frequency", 1, ("line", "GPIO27")),
        Sensor("door", "gpio-input", 10, ("line", "GPIO22"), ("debounce", "20ms")),
        Sensor("valve", "gpio-output", 10, ("line", "GPIO23")),
        Sensor("meter", "modbus", 5, ("registers", "voltage reg=0 scale=0.1 unit=V; current reg=1 scale=0.001 unit=A")),
    ];

    private static SensorOptions Sensor(string name, string driver, int seconds, params (string Name, string Value)[] settings) => new()
    {
        Name = name, Driver = driver, Topic = "plant", Key = "{sensor}/{metric}", Interval = TimeSpan.FromSeconds(seconds), Settings = settings.ToDictionary(static s => s.Name, static s => s.Value),
    };
}
