using Edge.Hardware.Buses;
using Edge.Hardware.Drivers.I2c;
using Edge.Hardware.Simulation;
using Edge.Hardware.Simulation.Models;
using Xunit;

namespace Edge.Hardware.Tests.Drivers.I2c;

public sealed class ElectricDriverTests : IDisposable
{
    private readonly Bench _bench = new();

    // Vector: Texas Instruments SBOS448G, table 8: 2 mOhm, 1 mA a bit: calibration 0x5000, shunt 0x07D0, bus 0x5D98, current 0x2710 = 10 A, power 0x1766 = 119.8 W, 11.98 V.
    [Fact]
    public void Ina219_DataSheetExample_ReadsTenAmpere()
    {
        Assert.Equal(0x5000, InaSensor.Scale(32.768, 0.002, is226: false).Calibration);
        var model = new FixedWords { [InaSensor.Shunt] = 0x07D0, [InaSensor.BusVoltage] = 0x5D98, [InaSensor.Current] = 0x2710, [InaSensor.Power] = 0x1766 };
        _bench.Hardware.I2c.Add(1, 0x40, model);
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("ina219", ("shunt", "0.002"), ("maxcurrent", "32.768")));
        Assert.Equal(0x5000, model[InaSensor.Calibration]);
        Assert.Equal(11.98, Bench.Value(readings, "voltage"), 1e-9);
        Assert.Equal(0.020, Bench.Value(readings, "shunt/voltage"), 1e-9);
        Assert.Equal(10.0, Bench.Value(readings, "current"), 1e-9);
        Assert.Equal(119.8, Bench.Value(readings, "power"), 0.05);
    }

    // Vector: Texas Instruments SBOS547A, section 7.5.2 and table 5: 2 mOhm, 1 mA a bit: calibration 0x0A00, shunt 0x1F40, bus 0x2570, current 0x2710, power 0x12B8 = 119.8 W.
    [Fact]
    public void Ina226_DataSheetExample_ReadsTenAmpere()
    {
        Assert.Equal(0x0A00, InaSensor.Scale(32.768, 0.002, is226: true).Calibration);
        _bench.Hardware.I2c.Add(1, 0x41, new FixedWords { [InaSensor.Manufacturer] = 0x5449, [InaSensor.Shunt] = 0x1F40, [InaSensor.BusVoltage] = 0x2570, [InaSensor.Current] = 0x2710, [InaSensor.Power] = 0x12B8 });
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("ina226", ("address", "0x41"), ("shunt", "0.002"), ("maxcurrent", "32.768")));
        Assert.Equal(11.98, Bench.Value(readings, "voltage"), 1e-9);
        Assert.Equal(0.020, Bench.Value(readings, "shunt/voltage"), 1e-9);
        Assert.Equal(10.0, Bench.Value(readings, "current"), 1e-9);
        Assert.Equal(119.8, Bench.Value(readings, "power"), 0.05);
    }

    [Theory]
    [InlineData("ina219", 12.04, 0.75)]
    [InlineData("ina219", 5.0, -1.2)]
    [InlineData("ina226", 24.4, 0.31)]
    public void Ina_Simulated_ReadsWhatFlows(string driver, double volt, double ampere)
    {
        _bench.Hardware.I2c.Add(1, 0x40, new InaModel(driver == "ina226", 0.1, () => (volt, ampere)));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create(driver));
        Assert.Equal(volt, Bench.Value(readings, "voltage"), 0.004);
        Assert.Equal(ampere, Bench.Value(readings, "current"), 0.001);
        Assert.Equal(Math.Abs(volt * ampere), Bench.Value(readings, "power"), 0.05);
    }

    [Fact]
    public void Ina219_OverflowFlag_IsAFaultOfCurrentAndPower()
    {
        _bench.Hardware.I2c.Add(1, 0x40, new FixedWords { [InaSensor.BusVoltage] = 0x5D99 });
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("ina219"));
        Assert.Equal(["current", "power"], readings.Where(static r => r.Quality == SensorQuality.Fault).Select(static r => r.Metric));
        Assert.Equal(SensorQuality.Good, readings[0].Quality);
    }

    [Fact]
    public void Ina219_LostItsCalibration_FailsSoThatItIsOpenedAnew()
    {
        var model = new FixedWords();
        _bench.Hardware.I2c.Add(1, 0x40, model);
        ISensor sensor = _bench.Create("ina219");
        Bench.OpenAndRead(sensor);
        model[InaSensor.Calibration] = 0; // a brown-out
        Assert.Contains("lost its calibration", Assert.Throws<SensorException>(() => Bench.Read(sensor)).Message, StringComparison.Ordinal);
    }

    // Vector: Texas Instruments SBAS444D, table 3: 62.5 µV a bit at ±2.048 V, 187.5 µV at ±6.144 V; table "data format": 0x7FFF and 0x8000 at the ends.
    [Theory]
    [InlineData("2.048", 0x0001, 62.5e-6, SensorQuality.Good)]
    [InlineData("6.144", 0x0001, 187.5e-6, SensorQuality.Good)]
    [InlineData("0.256", 0xFFFF, -7.8125e-6, SensorQuality.Good)]
    [InlineData("2.048", 0x7FFF, 2.0479375, SensorQuality.OutOfRange)]
    [InlineData("2.048", 0x8000, -2.048, SensorQuality.OutOfRange)]
    public void Ads1115_Code_IsTheDataSheetsVoltage(string range, int code, double volts, SensorQuality quality)
    {
        _bench.Hardware.I2c.Add(1, 0x48, new FixedWords { [Ads1115Sensor.Conversion] = (ushort)code, [Ads1115Sensor.Config] = 0x8583 });
        SensorReading reading = Assert.Single(Bench.OpenAndRead(_bench.Create("ads1115", ("range", range), ("channels", "a0"))));
        Assert.Equal(volts, reading.Value, 1e-10);
        Assert.Equal(quality, reading.Quality);
    }

    [Fact]
    public void Ads1115_EachChannel_SelectsItsInput()
    {
        _bench.Hardware.I2c.Add(1, 0x49, new Ads1115Model(static channel => 0.1 + (0.3 * channel)));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("ads1115", ("address", "0x49"), ("channels", "a0,a1,a2,a3,a0-a1,a2-a3")));
        Assert.Equal([0.1, 0.4, 0.7, 1.0, -0.3, -0.3], readings.Select(static r => Math.Round(r.Value, 3)));
    }

    // Vector: InvenSense RM-MPU-6000A-00: 16384 LSB/g (4.17), 131 LSB/(°/s) (4.19), temperature = raw / 340 + 36.53 (4.18).
    [Fact]
    public void Mpu6050_RawValues_ScaleAsTheRegisterMapSays()
    {
        var model = new Mpu6050Model(static () => (0, -0.5, 1, 36.53));
        _bench.Hardware.I2c.Add(1, 0x68, model);
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("mpu6050"));
        Assert.Equal(9.80665, Bench.Value(readings, "acceleration/z"), 1e-6);
        Assert.Equal(-4.903325, Bench.Value(readings, "acceleration/y"), 1e-6);
        Assert.Equal(36.53, Bench.Value(readings, "temperature"), 1e-6);
        Assert.Equal(Math.PI / 180, Bench.Value(readings, "rotation/x"), 1e-9); // the model turns at 131 counts
        Assert.Equal(1, model.Registers[Mpu6050Sensor.Power]);
    }

    // Vector: ROHM BH1750FVI technical note, "measurement result": 0x83 0x90 = 28067 lx.
    [Fact]
    public void Bh1750_DataSheetExample_ReadsIt()
    {
        _bench.Hardware.I2c.Add(1, 0x23, new FixedBytes(0x83, 0x90));
        Assert.Equal(28067, Bench.OpenAndRead(_bench.Create("bh1750"))[0].Value, 0.5);
    }

    // The data sheet gives no numbers. Vector: TAOS059N's formulas for packages T, FN and CL worked by hand at one point of each segment.
    [Theory]
    [InlineData(1000, 250, 21.4975)] // ratio 0.25: 30.4 - 62 * 0.25^1.4 = 30.4 - 62 * 0.143587
    [InlineData(1000, 550, 5.35)]
    [InlineData(1000, 700, 2.09)]
    [InlineData(1000, 1000, 0.34)]
    [InlineData(1000, 1400, 0)]
    [InlineData(0, 0, 0)]
    public void Tsl2561_EachSegment_FollowsTheFormula(double channel0, double channel1, double lux) => Assert.Equal(lux, Tsl2561Sensor.Lux(channel0, channel1), 0.001);

    [Theory]
    [InlineData("1")]
    [InlineData("16")]
    public void Tsl2561_Simulated_BothGainsGiveTheSame(string gain)
    {
        _bench.Hardware.I2c.Add(1, 0x39, new Tsl2561Model(static () => 250));
        Assert.Equal(230, Bench.Value(Bench.OpenAndRead(_bench.Create("tsl2561", ("gain", gain))), "illuminance"), 10.0);
    }

    [Theory]
    [InlineData("ads1115", "channels", "a4", "has 'a4'; use a0, a1")]
    [InlineData("ads1115", "range", "3.3", "is '3.3'; use one of 6.144")]
    [InlineData("ina219", "shunt", "0", "is '0'; use a number, 1E-05 to 100")]
    [InlineData("ina226", "address", "0x50", "is 0x50; this device answers at 0x40")]
    [InlineData("bme280", "address", "300", "is '300'; use a whole number, 3 to 119")]
    [InlineData("bme280", "gain", "1", "is not known to driver 'bme280'; use: bus, address")]
    public void Create_WrongSetting_NamesItAndWhatIsAllowed(string driver, string name, string value, string says) =>
        Assert.Contains(_bench.Problems(driver, (name, value)), p => p.StartsWith($"Sensors:0:settings:{name} {says}", StringComparison.Ordinal));

    [Fact]
    public void Create_TwoSensorsAtOneAddress_NamesTheOther()
    {
        _bench.Create("ina219");
        Assert.Contains("which sensor 'ina219-0' uses already", Assert.Single(_bench.Problems("ina226")), StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    /// <summary>Registers of 16 bits that keep what a test puts in, whatever is read.</summary>
    private sealed class FixedWords : WordRegisterModel
    {
        public ushort this[int register] { get => Registers[register]; set => Registers[register] = value; }

        protected override void Written(byte register)
        {
            if (register == Ads1115Sensor.Config) Registers[register] |= 0x8000; // converted at once
        }
    }

    private sealed class FixedBytes(params byte[] answer) : ISimulatedI2c
    {
        public void Write(ReadOnlySpan<byte> bytes) { }

        public void Read(Span<byte> bytes) => answer.AsSpan(0, bytes.Length).CopyTo(bytes);
    }
}
