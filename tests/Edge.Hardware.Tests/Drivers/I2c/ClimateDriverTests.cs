using Edge.Hardware.Buses;
using Edge.Hardware.Drivers;
using Edge.Hardware.Drivers.I2c;
using Edge.Hardware.Simulation;
using Edge.Hardware.Simulation.Models;
using Xunit;

namespace Edge.Hardware.Tests.Drivers.I2c;

public sealed class ClimateDriverTests : IDisposable
{
    private readonly Bench _bench = new();

    // Vector: Bosch BST-BMP280-DS001, section 3.12, "calculating pressure and temperature": UT 519888, UP 415148 with these trimming values give
    // t_fine 128422, 25.08 °C and 100653.27 Pa. The example uses the floating-point form; the 64-bit integer form used here ends 0.02 Pa below it.
    [Fact]
    public void Bmx280_DataSheetExample_CompensatesToIt()
    {
        byte[] low = Bmx280Model.Bytes(27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000);
        var calibration = Bmx280Calibration.Parse(low, []);
        int fine = calibration.FineTemperature(519888);
        Assert.Equal(128422, fine);
        Assert.Equal(25.08, Bmx280Calibration.Celsius(fine));
        Assert.Equal(100653.27, calibration.Pressure256(415148, fine) / 256.0, 0.02);
    }

    // No humidity example is in a data sheet. Vector: the floating-point form of BST-BME280-DS002, appendix A (8.1), written down independently here, over the whole range.
    [Theory]
    [InlineData(75, 362, 0, 313, 50, 30)]
    [InlineData(75, 370, 0, 298, 50, 30)]
    public void Bme280_Humidity_EqualsTheDataSheetsFloatingPointForm(byte h1, short h2, byte h3, short h4, short h5, sbyte h6)
    {
        var calibration = new Bmx280Calibration { T1 = 27504, T2 = 26435, T3 = -1000, H1 = h1, H2 = h2, H3 = h3, H4 = h4, H5 = h5, H6 = h6 };
        for (int raw = 20_000; raw < 50_000; raw += 137)
        {
            int fine = calibration.FineTemperature(480_000 + raw);
            double h = fine - 76800.0;
            h = (raw - ((h4 * 64.0) + (h5 / 16384.0 * h))) * (h2 / 65536.0 * (1.0 + (h6 / 67108864.0 * h * (1.0 + (h3 / 67108864.0 * h)))));
            h = Math.Clamp(h * (1.0 - (h1 * h / 524288.0)), 0, 100);
            Assert.Equal(h, calibration.Humidity1024(raw, fine) / 1024.0, 0.02);
        }
    }

    // Vector: the floating-point form of BST-BME680-DS001, section 3.3, written down independently here.
    [Fact]
    public void Bme680_AllThree_EqualTheDataSheetsFloatingPointForm()
    {
        var registers = new Bme680Model(static () => default).Registers;
        var c = Bme680Calibration.Parse(registers.AsSpan(0x89, 25), registers.AsSpan(0xE1, 16));
        Assert.Equal((26203, 26539, 3, 35920, -10335, 88, 7109, -117, 49, 30, -1300, -3255, 30), (c.T1, c.T2, c.T3, c.P1, c.P2, c.P3, c.P4, c.P5, c.P7, c.P6, c.P8, c.P9, c.P10));
        Assert.Equal((811, 1010), (c.H1, c.H2)); // 0x32 << 4 | 0xB and 0x3F << 4 | 0x2
        for (int raw = 400_000; raw < 560_000; raw += 9973)
        {
            double var1 = ((raw / 16384.0) - (c.T1 / 1024.0)) * c.T2, var2 = ((raw / 131072.0) - (c.T1 / 8192.0)) * ((raw / 131072.0) - (c.T1 / 8192.0)) * (c.T3 * 16.0), fineExact = var1 + var2;
            int fine = c.FineTemperature(raw);
            Assert.Equal(fineExact / 5120, Bme680Calibration.Celsius100(fine) / 100.0, 0.02);
            for (int rawPressure = 250_000; rawPressure < 450_000; rawPressure += 49_999)
            {
                double v1 = (fineExact / 2) - 64000, v2 = v1 * v1 * (c.P6 / 131072.0);
                v2 += v1 * c.P5 * 2;
                v2 = (v2 / 4) + (c.P4 * 65536.0);
                v1 = ((c.P3 * v1 * v1 / 16384.0) + (c.P2 * v1)) / 524288.0;
                v1 = (1 + (v1 / 32768.0)) * c.P1;
                double p = (1048576.0 - rawPressure - (v2 / 4096)) * 6250 / v1;
                v1 = c.P9 * p * p / 2147483648.0;
                v2 = p * (c.P8 / 32768.0);
                double v3 = p / 256 * (p / 256) * (p / 256) * (c.P10 / 131072.0);
                p += (v1 + v2 + v3 + (c.P7 * 128.0)) / 16;
                Assert.Equal(p, c.Pressure(rawPressure, fine), 25.0); // the integer form is coarse: 25 Pa are 2 m
            }
            for (int rawHumidity = 15_000; rawHumidity < 30_000; rawHumidity += 3001)
            {
                double t = fineExact / 5120, v1 = rawHumidity - ((c.H1 * 16.0) + (c.H3 / 2.0 * t)), v2 = v1 * (c.H2 / 262144.0 * (1 + (c.H4 / 16384.0 * t) + (c.H5 / 1048576.0 * t * t)));
                double h = Math.Clamp(v2 + (((c.H6 / 16384.0) + (c.H7 / 2097152.0 * t)) * v2 * v2), 0, 100);
                Assert.Equal(h, c.Humidity1000(rawHumidity, fine) / 1000.0, 0.1);
            }
        }
    }

    [Theory]
    [InlineData("bme280", 21.37, 44.4, 98765.0)]
    [InlineData("bme280", -31.2, 12.5, 55000.0)]
    [InlineData("bmp280", 21.37, 0, 98765.0)]
    [InlineData("bme680", 21.37, 44.4, 98765.0)]
    public void Bosch_SimulatedAtRegisterLevel_ReadsWhatIsThere(string driver, double celsius, double percent, double pascal)
    {
        (double, double, double) World() => (celsius, percent, pascal);
        _bench.Hardware.I2c.Add(1, 0x76, driver == "bme680" ? new Bme680Model(World) : new Bmx280Model(driver == "bme280", World));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create(driver));
        Assert.All(readings, r => Assert.Equal(SensorQuality.Good, r.Quality));
        Assert.Equal(celsius, Bench.Value(readings, "temperature"), 0.011);
        Assert.Equal(pascal, Bench.Value(readings, "pressure"), 5.0);
        if (driver == "bmp280") Assert.DoesNotContain(readings, static r => r.Metric == "humidity");
        else Assert.Equal(percent, Bench.Value(readings, "humidity"), 0.1);
    }

    [Fact]
    public void Bme280_MeasurementSkipped_IsAFaultAndNoNumber()
    {
        var model = new Bmx280Model(true, static () => (20, 50, 100_000));
        _bench.Hardware.I2c.Add(1, 0x76, new SkippingModel(model));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("bme280"));
        Assert.Equal((SensorQuality.Fault, "temperature: the measurement was skipped"), (readings[0].Quality, readings[0].Error));
    }

    // Vector: Sensirion SHT3x-DIS data sheet, section 4.12, and SHT4x data sheet, section 4.4: CRC(0xBEEF) = 0x92.
    [Fact]
    public void SensirionChecksum_DataSheetExample_Matches() => Assert.Equal(0x92, Checksums.Sensirion([0xBE, 0xEF]));

    [Theory]
    [InlineData("sht3x", -39.5, 3.0)]
    [InlineData("sht3x", 84.2, 99.1)]
    [InlineData("sht4x", 21.0, 55.5)]
    [InlineData("aht20", -11.1, 71.7)]
    public void Humidity_Simulated_ReadsWhatIsThere(string driver, double celsius, double percent)
    {
        (double, double) World() => (celsius, percent);
        _bench.Hardware.I2c.Add(1, driver == "aht20" ? 0x38 : 0x44, driver switch { "sht3x" => CommandModels.Sht3x(World), "sht4x" => CommandModels.Sht4x(World), _ => new Aht20Model(World) });
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create(driver));
        Assert.Equal(celsius, Bench.Value(readings, "temperature"), 0.01);
        Assert.Equal(percent, Bench.Value(readings, "humidity"), 0.01);
    }

    // Vectors: the ends of the conversion formulas, SHT3x data sheet section 4.13 and SHT4x section 4.6 (cropped beyond 0 and 100 %RH).
    [Theory]
    [InlineData("sht3x", 0x0000, 0x0000, -45.0, 0.0)]
    [InlineData("sht3x", 0xFFFF, 0xFFFF, 130.0, 100.0)]
    [InlineData("sht4x", 0x0000, 0x0000, -45.0, 0.0)]
    [InlineData("sht4x", 0xFFFF, 0xFFFF, 130.0, 100.0)]
    public void Sensirion_EndsOfTheScale_ConvertAsTheDataSheetSays(string driver, int temperature, int humidity, double celsius, double percent)
    {
        _bench.Hardware.I2c.Add(1, 0x44, new CommandModel(_ => [(ushort)temperature, (ushort)humidity], driver == "sht4x" ? 1 : 2));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create(driver));
        Assert.Equal((celsius, percent), (Bench.Value(readings, "temperature"), Bench.Value(readings, "humidity")));
        Assert.Equal(SensorQuality.OutOfRange, readings.Single(static r => r.Metric == "temperature").Quality); // beyond what the part can measure
    }

    // Vector: Sensirion SCD4x data sheet, example of read_measurement: 0x01F4 = 500 ppm, 0x6667 = 25 °C, 0x5EB9 = 37 %RH, with checksums 0x33, 0xA2, 0x3C.
    [Fact]
    public void Scd4x_DataSheetExample_ConvertsToIt()
    {
        Assert.Equal((0x33, 0xA2, 0x3C), (Checksums.Sensirion([0x01, 0xF4]), Checksums.Sensirion([0x66, 0x67]), Checksums.Sensirion([0x5E, 0xB9])));
        _bench.Hardware.I2c.Add(1, 0x62, new CommandModel(command => command switch { 0xE4B8 => [0x8006], 0xEC05 => [0x01F4, 0x6667, 0x5EB9], _ => [1, 2, 3] }));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("scd4x"));
        Assert.Equal(500, Bench.Value(readings, "co2"));
        Assert.Equal(25, Bench.Value(readings, "temperature"), 0.01);
        Assert.Equal(37, Bench.Value(readings, "humidity"), 0.01);
    }

    // Vector: Sensirion SCD30 interface description, section 1.4.5: 43 DB CB 8C 2E 8F 41 D9 70 E7 FF F5 42 43 BF 3A 1B 74 = 439 ppm, 27.2 °C, 48.8 %RH.
    [Fact]
    public void Scd30_DocumentsExample_ConvertsToIt()
    {
        byte[] answer = Convert.FromHexString("43DBCB8C2E8F41D970E7FFF54243BF3A1B74");
        _bench.Hardware.I2c.Add(1, 0x61, new FixedAnswers(command => command == 0x0300 ? answer : [0x00, 0x01, 0xB0]));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("scd30"));
        Assert.Equal(439.09, Bench.Value(readings, "co2"), 0.01);
        Assert.Equal(27.24, Bench.Value(readings, "temperature"), 0.01);
        Assert.Equal(48.81, Bench.Value(readings, "humidity"), 0.01);
    }

    [Fact]
    public void Scd4x_NothingNew_IsPendingFirstAndStaleLater()
    {
        bool isReady = false;
        _bench.Hardware.I2c.Add(1, 0x62, new CommandModel(command => command switch { 0xE4B8 => [(ushort)(isReady ? 0x8006 : 0x8000)], 0xEC05 => [700, 0x6667, 0x5EB9], _ => [1, 2, 3] }));
        ISensor sensor = _bench.Create("scd4x");
        Assert.Empty(Bench.OpenAndRead(sensor));
        isReady = true;
        Assert.Equal(SensorQuality.Good, Bench.Read(sensor)[0].Quality);
        isReady = false;
        SensorReading stale = Bench.Read(sensor)[0];
        Assert.Equal((SensorQuality.Stale, 700.0), (stale.Quality, stale.Value));
    }

    [Theory]
    [InlineData("sht3x", 0x44)]
    [InlineData("sht4x", 0x44)]
    [InlineData("aht20", 0x38)]
    [InlineData("scd30", 0x61)]
    [InlineData("scd4x", 0x62)]
    public void Checksum_OneBitFlipped_IsANamedErrorAndNoReading(string driver, int address)
    {
        _bench.Hardware.I2c.Add(1, address, driver switch
        {
            "sht3x" => CommandModels.Sht3x(static () => (20, 50)),
            "sht4x" => CommandModels.Sht4x(static () => (20, 50)),
            "aht20" => new Aht20Model(static () => (20, 50)),
            "scd30" => CommandModels.Scd30(static () => (600, 20, 50)),
            _ => CommandModels.Scd4x(static () => (600, 20, 50)),
        });
        ISensor sensor = _bench.Create(driver);
        sensor.Open();
        _bench.Hardware.I2c.Disturb = static (_, _, bytes) => { if (bytes.Length > 1) bytes[0] ^= 0x04; };
        BusException error = Assert.Throws<BusException>(() => Bench.Read(sensor));
        Assert.Equal(BusFault.Checksum, error.Fault);
        Assert.Contains($"address 0x{address:x2}: the checksum does not match", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bme280", "0x58 and not 0x60")]
    [InlineData("bme680", "0x58 and not 0x61")]
    public void Open_AnotherDeviceAtTheAddress_SaysSo(string driver, string says)
    {
        _bench.Hardware.I2c.Add(1, 0x76, new Bmx280Model(false, static () => (20, 0, 100_000)));
        BusException error = Assert.Throws<BusException>(() => _bench.Create(driver).Open());
        Assert.Equal(BusFault.WrongDevice, error.Fault);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NobodyThere_NamesBusAndAddress()
    {
        _bench.Hardware.I2c.AddBus(1);
        BusException error = Assert.Throws<BusException>(() => _bench.Create("bme280", ("address", "0x77")).Open());
        Assert.Equal(BusFault.NoDevice, error.Fault);
        Assert.Contains("i2c-1 address 0x77: no device answers", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private sealed class SkippingModel(Bmx280Model inner) : ISimulatedI2c
    {
        public void Write(ReadOnlySpan<byte> bytes)
        {
            inner.Write(bytes);
            inner.SetRaw(0x80000, 0x80000, 0x8000); // what the registers hold after a reset
        }

        public void Read(Span<byte> bytes) => inner.Read(bytes);
    }

    private sealed class FixedAnswers(Func<int, byte[]> answer) : ISimulatedI2c
    {
        private byte[] _answer = [];

        public void Write(ReadOnlySpan<byte> bytes) => _answer = answer((bytes[0] << 8) | bytes[1]);

        public void Read(Span<byte> bytes) => _answer.AsSpan(0, Math.Min(bytes.Length, _answer.Length)).CopyTo(bytes);
    }
}
