using Edge.Hardware.Drivers;
using Iot.Device.Mcp9808;
using Iot.Device.Vl53L0X;

namespace Edge.Hardware.Bindings;

public static partial class IotBindings
{
    static partial void RegisterAll()
    {
        Add("iot-vl53l0x", "distance by time of flight (I2C, Iot.Device.Bindings)", 0x29, static (name, open, bus) =>
            new BindingSensor<Vl53L0X>(name, open, bus, static device => new Vl53L0X(device)).Value("distance", "m", static d => d.Distance / 1000.0, 0, 2));
        Add("iot-mcp9808", "temperature (I2C, Iot.Device.Bindings)", 0x18, static (name, open, bus) =>
            new BindingSensor<Mcp9808>(name, open, bus, static device => new Mcp9808(device)).Value("temperature", "Cel", static d => d.Temperature.DegreesCelsius, -40, 125));
    }

    private static void Add(string name, string summary, int address, Func<string, Func<System.Device.I2c.I2cDevice>, string, ISensor> create)
    {
        SensorDrivers.Register(name, summary, [], address, create);
        if (!Added.Contains(name)) Added.Add(name);
    }
}
