namespace Edge.Hardware.Drivers.I2c;

/// <summary>Driver <c>sht3x</c> (SHT30, SHT31, SHT35): single shots of high repeatability without clock stretching.</summary>
/// <remarks>Source: Sensirion SHT3x-DIS data sheet: section 4.3 (command 0x2400), table 4 (15.5 ms), 4.12 (checksum), 4.13 (conversion).</remarks>
internal sealed class Sht3xSensor(DriverSetup setup) : I2cSensor(setup, 0x44, Addresses)
{
    public static readonly int[] Addresses = [0x44, 0x45];

    public override void Read(ReadingBuffer readings)
    {
        Device.Write([0x24, 0x00]);
        Delay(16);
        Span<byte> answer = stackalloc byte[6];
        Device.Read(answer);
        ushort[] words = CheckedWords(answer);
        readings.Add("temperature", -45 + (175.0 * words[0] / 65535), "Cel", -40, 125);
        readings.Add("humidity", 100.0 * words[1] / 65535, "%RH", 0, 100);
    }

    protected override void Initialize()
    {
        Device.Write([0x30, 0xA2]); // soft reset, section 4.9
        Delay(2);
        Device.Write([0xF3, 0x2D]); // status, section 4.11: shows that it is one of this family
        Span<byte> status = stackalloc byte[3];
        Device.Read(status);
        CheckedWords(status);
    }
}

/// <summary>Driver <c>sht4x</c> (SHT40, SHT41, SHT45): measurements of high precision.</summary>
/// <remarks>Source: Sensirion SHT4x data sheet: section 4.5 (command 0xFD, 8.3 ms; serial number 0x89), 4.4 (checksum), 4.6 (conversion; results just beyond 0 and 100 %RH are cropped).</remarks>
internal sealed class Sht4xSensor(DriverSetup setup) : I2cSensor(setup, 0x44, Addresses)
{
    public static readonly int[] Addresses = [0x44, 0x45, 0x46];

    public override void Read(ReadingBuffer readings)
    {
        Device.WriteByte(0xFD);
        Delay(10);
        Span<byte> answer = stackalloc byte[6];
        Device.Read(answer);
        ushort[] words = CheckedWords(answer);
        readings.Add("temperature", -45 + (175.0 * words[0] / 65535), "Cel", -40, 125);
        readings.Add("humidity", Math.Clamp(-6 + (125.0 * words[1] / 65535), 0, 100), "%RH", 0, 100);
    }

    protected override void Initialize()
    {
        Device.WriteByte(0x94); // soft reset
        Delay(2);
        Device.WriteByte(0x89);
        Delay(2);
        Span<byte> serial = stackalloc byte[6];
        Device.Read(serial);
        CheckedWords(serial);
    }
}

/// <summary>Driver <c>scd30</c>: CO2, temperature, humidity, measured continuously.</summary>
/// <remarks>
/// Source: Sensirion SCD30 interface description: sections 1.4.1 (start 0x0010 with pressure), 1.4.3 (interval 0x4600), 1.4.4 (ready 0x0202), 1.4.5 (read 0x0300, floats in two
/// words each); section 1.1: write and read are two transfers with at least 3 ms between.
/// </remarks>
internal sealed class Scd30Sensor : I2cSensor
{
    public static readonly int[] Addresses = [0x61];

    private readonly int _pressureHectopascal;
    private (double Co2, double Temperature, double Humidity)? _last;

    public Scd30Sensor(DriverSetup setup) : base(setup, 0x61, Addresses) => _pressureHectopascal = setup.Settings.Number("pressure", 0, 0, 1400);

    public override void Read(ReadingBuffer readings)
    {
        if (Ask(0x0202, 1)[0] == 0)
        {
            if (_last is { } last) Report(readings, last, "nothing new since the last reading; it measures every 2 s");
            else readings.NotYet();
            return;
        }
        ushort[] words = Ask(0x0300, 6);
        _last = (Float(words, 0), Float(words, 2), Float(words, 4));
        Report(readings, _last.Value, null);
    }

    protected override void Initialize()
    {
        _last = null;
        Command(0x4600, 2);
        Command(0x0010, (ushort)(_pressureHectopascal is > 0 and < 700 ? 700 : _pressureHectopascal));
    }

    private static double Float(ushort[] words, int at) => BitConverter.Int32BitsToSingle((words[at] << 16) | words[at + 1]);

    private static void Report(ReadingBuffer readings, (double Co2, double Temperature, double Humidity) values, string? stale)
    {
        if (stale is null)
        {
            readings.Add("co2", values.Co2, "ppm", 0, 40_000);
            readings.Add("temperature", values.Temperature, "Cel", -40, 70);
            readings.Add("humidity", values.Humidity, "%RH", 0, 100);
            return;
        }
        readings.Stale("co2", values.Co2, "ppm", stale);
        readings.Stale("temperature", values.Temperature, "Cel", stale);
        readings.Stale("humidity", values.Humidity, "%RH", stale);
    }

    private void Command(ushort command, ushort argument)
    {
        Span<byte> bytes = [(byte)(command >> 8), (byte)command, (byte)(argument >> 8), (byte)argument, 0];
        bytes[4] = Checksums.Sensirion(bytes[2..4]);
        Device.Write(bytes);
        Delay(5);
    }

    private ushort[] Ask(ushort command, int words)
    {
        Device.Write([(byte)(command >> 8), (byte)command]);
        Delay(5);
        Span<byte> answer = stackalloc byte[words * 3];
        Device.Read(answer);
        return CheckedWords(answer);
    }
}

/// <summary>Driver <c>scd4x</c> (SCD40, SCD41): CO2, temperature, humidity, a measurement every 5 s.</summary>
/// <remarks>Source: Sensirion SCD4x data sheet, section 3.6: start_periodic_measurement 0x21B1, read_measurement 0xEC05, stop 0x3F86 (500 ms); 3.9.2: get_data_ready_status 0xE4B8.</remarks>
internal sealed class Scd4xSensor(DriverSetup setup) : I2cSensor(setup, 0x62, Addresses)
{
    public static readonly int[] Addresses = [0x62];

    private ushort[]? _last;

    public override void Read(ReadingBuffer readings)
    {
        if ((Ask(0xE4B8, 1)[0] & 0x07FF) == 0)
        {
            if (_last is null) { readings.NotYet(); return; }
            const string stale = "nothing new since the last reading; it measures every 5 s";
            readings.Stale("co2", _last[0], "ppm", stale);
            readings.Stale("temperature", Celsius(_last[1]), "Cel", stale);
            readings.Stale("humidity", Percent(_last[2]), "%RH", stale);
            return;
        }
        _last = Ask(0xEC05, 3);
        readings.Add("co2", _last[0], "ppm", 0, 40_000);
        readings.Add("temperature", Celsius(_last[1]), "Cel", -10, 60);
        readings.Add("humidity", Percent(_last[2]), "%RH", 0, 100);
    }

    protected override void Initialize()
    {
        _last = null;
        Device.Write([0x3F, 0x86]); // it may measure already, and then takes no other command
        Delay(500);
        Ask(0x3682, 3); // serial number: shows that it is one of this family
        Device.Write([0x21, 0xB1]);
    }

    private static double Celsius(ushort word) => -45 + (175.0 * word / 65535);

    private static double Percent(ushort word) => 100.0 * word / 65535;

    private ushort[] Ask(ushort command, int words)
    {
        Device.Write([(byte)(command >> 8), (byte)command]);
        Delay(1);
        Span<byte> answer = stackalloc byte[words * 3];
        Device.Read(answer);
        return CheckedWords(answer);
    }
}
