using Edge.Hardware.Drivers.I2c;

namespace Edge.Hardware.Simulation.Models;

/// <summary>Finds the raw value that a compensation formula turns into a wanted one.</summary>
internal static class Inverse
{
    /// <param name="formula">Monotonic in the raw value.</param>
    public static int Find(Func<int, double> formula, double wanted, int low, int high)
    {
        bool isRising = formula(high) > formula(low);
        while (high - low > 1)
        {
            int middle = low + ((high - low) / 2);
            if (formula(middle) < wanted == isRising) low = middle;
            else high = middle;
        }
        return Math.Abs(formula(low) - wanted) <= Math.Abs(formula(high) - wanted) ? low : high;
    }
}

/// <summary>A BME280 or BMP280 with the trimming values of the BMP280 data sheet's example (and those of a real BME280 for humidity).</summary>
internal sealed class Bmx280Model : RegisterModel
{
    private static readonly byte[] Low = Bytes(27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000);
    private static readonly byte[] High = [0x6A, 0x01, 0x00, 0x13, 0x29, 0x03, 0x1E]; // H2 = 362, H3 = 0, H4 = 313, H5 = 50, H6 = 30

    private readonly bool _hasHumidity;
    private readonly Func<(double Celsius, double Percent, double Pascal)> _world;

    public Bmx280Model(bool hasHumidity, Func<(double, double, double)> world)
    {
        (_hasHumidity, _world) = (hasHumidity, world);
        Registers[Bmx280Sensor.Id] = hasHumidity ? Bmx280Sensor.Bme280Id : Bmx280Sensor.Bmp280Id;
        Low.CopyTo(Registers, Bmx280Sensor.CalibrationLow);
        Registers[Bmx280Sensor.CalibrationLow + 25] = 75;
        if (hasHumidity) High.CopyTo(Registers, Bmx280Sensor.CalibrationHigh);
    }

    /// <summary>Puts raw values in as a test gives them.</summary>
    public void SetRaw(int temperature, int pressure, int humidity)
    {
        Set20(Bmx280Sensor.Data, pressure);
        Set20(Bmx280Sensor.Data + 3, temperature);
        SetWord(Bmx280Sensor.Data + 6, humidity);
    }

    protected override void Written(byte register)
    {
        if (register != Bmx280Sensor.ControlMeasurement || (Registers[register] & 3) == 0) return;
        (double celsius, double percent, double pascal) = _world();
        var calibration = Bmx280Calibration.Parse(Registers.AsSpan(Bmx280Sensor.CalibrationLow, 26), _hasHumidity ? Registers.AsSpan(Bmx280Sensor.CalibrationHigh, 7) : []);
        int temperature = Inverse.Find(raw => Bmx280Calibration.Celsius(calibration.FineTemperature(raw)), celsius, 100_000, 900_000), fine = calibration.FineTemperature(temperature);
        SetRaw(
            temperature,
            Inverse.Find(raw => calibration.Pressure256(raw, fine) / 256.0, pascal, 100_000, 900_000),
            _hasHumidity ? Inverse.Find(raw => calibration.Humidity1024(raw, fine) / 1024.0, percent, 10_000, 60_000) : 0);
        Registers[register] &= 0xFC; // back to sleep
    }

    internal static byte[] Bytes(params int[] words) => [.. words.SelectMany(static w => (byte[])[(byte)w, (byte)(w >> 8)]), 0, 0];

    private void Set20(int register, int value) => (Registers[register], Registers[register + 1], Registers[register + 2]) = ((byte)(value >> 12), (byte)(value >> 4), (byte)(value << 4));
}

/// <summary>A BME680 with plausible trimming values.</summary>
internal sealed class Bme680Model : RegisterModel
{
    private readonly Func<(double Celsius, double Percent, double Pascal)> _world;

    public Bme680Model(Func<(double, double, double)> world)
    {
        _world = world;
        Registers[Bme680Sensor.Id] = Bme680Sensor.ChipId;
        void Word(int register, int value) => (Registers[register], Registers[register + 1]) = ((byte)value, (byte)(value >> 8));
        Word(0xE9, 26203); Word(0x8A, 26539); Registers[0x8C] = 3;
        Word(0x8E, 35920); Word(0x90, -10335); Registers[0x92] = 88; Word(0x94, 7109); Word(0x96, -117); Registers[0x99] = 30; Registers[0x98] = 49;
        Word(0x9C, -1300); Word(0x9E, -3255); Registers[0xA0] = 30;
        Registers[0xE1] = 63; Registers[0xE2] = 0x20 | 0x0B; Registers[0xE3] = 50; Registers[0xE5] = 45; Registers[0xE6] = 20; Registers[0xE7] = 120; Registers[0xE8] = unchecked((byte)-100);
    }

    protected override void Written(byte register)
    {
        if (register != Bme680Sensor.ControlMeasurement || (Registers[register] & 3) == 0) return;
        (double celsius, double percent, double pascal) = _world();
        var calibration = Bme680Calibration.Parse(Registers.AsSpan(Bme680Sensor.CalibrationLow, 25), Registers.AsSpan(Bme680Sensor.CalibrationHigh, 16));
        int temperature = Inverse.Find(raw => Bme680Calibration.Celsius100(calibration.FineTemperature(raw)) / 100.0, celsius, 200_000, 900_000), fine = calibration.FineTemperature(temperature);
        int pressure = Inverse.Find(raw => calibration.Pressure(raw, fine), pascal, 150_000, 700_000), humidity = Inverse.Find(raw => calibration.Humidity1000(raw, fine) / 1000.0, percent, 10_000, 45_000);
        (Registers[0x1F], Registers[0x20], Registers[0x21]) = ((byte)(pressure >> 12), (byte)(pressure >> 4), (byte)(pressure << 4));
        (Registers[0x22], Registers[0x23], Registers[0x24]) = ((byte)(temperature >> 12), (byte)(temperature >> 4), (byte)(temperature << 4));
        SetWord(0x25, humidity);
        Registers[Bme680Sensor.Status] = 0x80;
        Registers[register] &= 0xFC;
    }
}
