using Edge.Hardware.Drivers.I2c;

namespace Edge.Hardware.Simulation.Models;

/// <summary>A TSL2561: the command bits are not part of the register's number.</summary>
internal sealed class Tsl2561Model(Func<double> lux) : RegisterModel
{
    protected override byte Map(byte register) => (byte)(register & 0x0F);

    protected override void Reading(byte register)
    {
        if (register is not (0x0C or 0x0E)) return;
        double gain = (Registers[1] & 0x10) != 0 ? 1 : 16;
        double channel0 = lux() / 0.0258 / gain; // ratio 0.2: 0.0304 - 0.062 * 0.2^1.4 = 0.0239 a count, near enough for a lamp
        int visible = (int)Math.Clamp(channel0, 0, 65535), infrared = (int)Math.Clamp(channel0 * 0.2, 0, 65535);
        (Registers[0x0C], Registers[0x0D], Registers[0x0E], Registers[0x0F]) = ((byte)visible, (byte)(visible >> 8), (byte)infrared, (byte)(infrared >> 8));
    }
}

/// <summary>An MPU-6050 that lies still and shakes a little.</summary>
internal sealed class Mpu6050Model : RegisterModel
{
    private readonly Func<(double X, double Y, double Z, double Celsius)> _world;

    public Mpu6050Model(Func<(double, double, double, double)> world)
    {
        _world = world;
        Registers[Mpu6050Sensor.WhoAmI] = 0x68;
    }

    protected override void Reading(byte register)
    {
        if (register != Mpu6050Sensor.Data) return;
        double lsb = 16384 >> ((Registers[Mpu6050Sensor.AccelerationConfig] >> 3) & 3);
        (double x, double y, double z, double celsius) = _world();
        SetWord(0x3B, (int)(x * lsb));
        SetWord(0x3D, (int)(y * lsb));
        SetWord(0x3F, (int)(z * lsb));
        SetWord(0x41, (int)Math.Round((celsius - 36.53) * 340));
        SetWord(0x43, 131);
        SetWord(0x45, -262);
        SetWord(0x47, 0);
    }
}

/// <summary>An ADS1115: each start of a conversion puts the chosen input into the conversion register.</summary>
internal sealed class Ads1115Model(Func<int, double> volts) : WordRegisterModel
{
    private static readonly double[] Ranges = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256];

    protected override void Written(byte register)
    {
        if (register != Ads1115Sensor.Config) return;
        int mux = (Registers[1] >> 12) & 7;
        double value = mux >= 4 ? volts(mux - 4) : mux switch { 0 => volts(0) - volts(1), 1 => volts(0) - volts(3), 2 => volts(1) - volts(3), _ => volts(2) - volts(3) };
        Registers[0] = (ushort)(short)Math.Clamp(Math.Round(value / Ranges[(Registers[1] >> 9) & 7] * 32768), short.MinValue, short.MaxValue);
    }
}

/// <summary>An INA219 or INA226 over a shunt: current and power as the chip works them out of shunt, bus and calibration register.</summary>
/// <remarks>SBOS448G 8.5.1: current = shunt x calibration / 4096, power = current x bus / 5000. SBOS547A 7.5.1: current = shunt x calibration / 2048, power = current x bus / 20000.</remarks>
internal sealed class InaModel : WordRegisterModel
{
    private readonly bool _is226;
    private readonly double _shuntOhm;
    private readonly Func<(double Volt, double Ampere)> _world;

    public InaModel(bool is226, double shuntOhm, Func<(double, double)> world)
    {
        (_is226, _shuntOhm, _world) = (is226, shuntOhm, world);
        Registers[InaSensor.Manufacturer] = 0x5449;
    }

    protected override void Reading(byte register)
    {
        if (register is not (InaSensor.Shunt or InaSensor.BusVoltage or InaSensor.Current or InaSensor.Power)) return;
        (double volt, double ampere) = _world();
        int shunt = (int)Math.Round(ampere * _shuntOhm / (_is226 ? 2.5e-6 : 10e-6)), bus = (int)Math.Round(volt / (_is226 ? 0.00125 : 0.004));
        int calibration = Registers[InaSensor.Calibration];
        long current = (long)shunt * calibration / (_is226 ? 2048 : 4096);
        Registers[InaSensor.Shunt] = (ushort)(short)shunt;
        Registers[InaSensor.BusVoltage] = (ushort)(_is226 ? bus : (bus << 3) | 2);
        Registers[InaSensor.Current] = (ushort)(short)current;
        Registers[InaSensor.Power] = (ushort)(Math.Abs(current) * bus / (_is226 ? 20000 : 5000));
    }
}

/// <summary>A device whose registers hold slowly moving 16-bit numbers, for a map from configuration.</summary>
internal sealed class AnyRegisterModel(Func<double> wave) : RegisterModel
{
    protected override void Reading(byte register)
    {
        ushort value = (ushort)(1000 + (wave() * 100));
        SetWord(register, value);
    }
}
