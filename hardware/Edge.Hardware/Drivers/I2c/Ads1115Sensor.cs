namespace Edge.Hardware.Drivers.I2c;

/// <summary>Driver <c>ads1115</c>: four voltages, or differences of two, one conversion each.</summary>
/// <remarks>Source: Texas Instruments SBAS444D: 9.3.3 (full-scale ranges and LSB sizes), 9.6.3 (config register), 9.5.4 (data format: two's complement, clipped at the ends).</remarks>
internal sealed class Ads1115Sensor : I2cSensor
{
    public static readonly int[] Addresses = [0x48, 0x49, 0x4A, 0x4B];
    public const byte Conversion = 0, Config = 1;

    private static readonly (string Name, int Mux)[] Inputs = [("a0", 4), ("a1", 5), ("a2", 6), ("a3", 7), ("a0-a1", 0), ("a0-a3", 1), ("a1-a3", 2), ("a2-a3", 3)];

    private readonly (int Pga, double FullScale) _gain;
    private readonly IReadOnlyList<(string Name, int Mux)> _channels;

    public Ads1115Sensor(DriverSetup setup) : base(setup, 0x48, Addresses)
    {
        _gain = setup.Settings.Choice("range", (2, 2.048), ("6.144", (0, 6.144)), ("4.096", (1, 4.096)), ("2.048", (2, 2.048)), ("1.024", (3, 1.024)), ("0.512", (4, 0.512)), ("0.256", (5, 0.256)));
        var channels = new List<(string, int)>();
        foreach (string name in setup.Settings.Text("channels", "a0,a1,a2,a3").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            (string Name, int Mux) input = Array.Find(Inputs, i => i.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (input.Name is null) setup.Settings.Problem("channels", $"has '{name}'; use {string.Join(", ", Inputs.Select(static i => i.Name))} with commas between them");
            else channels.Add(input);
        }
        _channels = channels;
    }

    public override void Read(ReadingBuffer readings)
    {
        foreach ((string name, int mux) in _channels)
        {
            // OS = start, single shot, 128 samples a second (8 ms), comparator off.
            WriteWord(Config, (ushort)(0x8000 | (mux << 12) | (_gain.Pga << 9) | 0x0100 | (4 << 5) | 0x0003));
            Delay(8);
            WaitUntil(() => (ReadWord(Config) & 0x8000) != 0, 1, 20);
            short raw = (short)ReadWord(Conversion);
            double volts = raw * _gain.FullScale / 32768;
            if (raw is short.MaxValue or short.MinValue) readings.Add($"{name}/voltage", volts, "V", -_gain.FullScale * 32766 / 32768, _gain.FullScale * 32766 / 32768); // clipped
            else readings.Add($"{name}/voltage", volts, "V");
        }
    }

    protected override void Initialize() => ReadWord(Config);
}
