namespace Edge.Hardware.Drivers.I2c;

/// <summary>Driver <c>bh1750</c>: illuminance.</summary>
/// <remarks>Source: ROHM BH1750FVI technical note: instruction set (0x01 power on, 0x20 one-time high resolution, at most 180 ms), "measurement result" (lx = counts / 1.2).</remarks>
internal sealed class Bh1750Sensor(DriverSetup setup) : I2cSensor(setup, 0x23, Addresses)
{
    public static readonly int[] Addresses = [0x23, 0x5C];

    public override void Read(ReadingBuffer readings)
    {
        Device.WriteByte(0x20);
        Delay(180);
        Span<byte> answer = stackalloc byte[2];
        Device.Read(answer);
        int counts = (answer[0] << 8) | answer[1];
        readings.Add("illuminance", counts / 1.2, "lx", 0, 65534 / 1.2); // 65535: beyond its scale
    }

    protected override void Initialize() => Device.WriteByte(0x01);
}

/// <summary>Driver <c>tsl2561</c> (packages T, FN, CL): illuminance out of two photodiodes.</summary>
/// <remarks>Source: TAOS059N (TSL2560, TSL2561): register set (command bit 0x80, word bit 0x20), timing register, "calculating lux" (empirical formulas for T, FN and CL), table of integration times.</remarks>
internal sealed class Tsl2561Sensor : I2cSensor
{
    public static readonly int[] Addresses = [0x29, 0x39, 0x49];

    private readonly bool _isHighGain;

    public Tsl2561Sensor(DriverSetup setup) : base(setup, 0x39, Addresses) => _isHighGain = setup.Settings.Choice("gain", false, ("1", false), ("16", true));

    public override void Read(ReadingBuffer readings)
    {
        Span<byte> answer = stackalloc byte[2];
        Device.WriteRead([0xAC], answer);
        int broadband = answer[0] | (answer[1] << 8);
        Device.WriteRead([0xAE], answer);
        int infrared = answer[0] | (answer[1] << 8);
        if (broadband == 0xFFFF || infrared == 0xFFFF) { readings.Add("illuminance", 65535, "lx", 0, 65534); return; } // saturated: published as out of range
        double scale = _isHighGain ? 1 : 16; // the formulas are for gain 16 at 402 ms
        readings.Add("illuminance", Lux(broadband * scale, infrared * scale), "lx", 0, 65534);
        readings.Add("infrared", infrared, "count", 0);
    }

    internal static double Lux(double channel0, double channel1)
    {
        if (channel0 <= 0) return 0;
        double ratio = channel1 / channel0;
        return ratio switch
        {
            <= 0.50 => (0.0304 * channel0) - (0.062 * channel0 * Math.Pow(ratio, 1.4)),
            <= 0.61 => (0.0224 * channel0) - (0.031 * channel1),
            <= 0.80 => (0.0128 * channel0) - (0.0153 * channel1),
            <= 1.30 => (0.00146 * channel0) - (0.00112 * channel1),
            _ => 0,
        };
    }

    protected override void Initialize()
    {
        Device.Write([0x80, 0x03]); // power up
        if ((ReadRegister(0x80) & 0x03) != 0x03) throw new SensorException(Setup.Name, "it does not power up: another device answers there");
        Device.Write([0x81, (byte)(0x02 | (_isHighGain ? 0x10 : 0))]); // 402 ms
        Delay(420);
    }
}
