using Edge.Hardware.Buses;
using Edge.Hardware.Simulation;
using Edge.Hardware.Simulation.Models;
using Xunit;

namespace Edge.Hardware.Tests.Drivers;

public sealed class RegisterDriverTests : IDisposable
{
    private readonly Bench _bench = new();

    // Vector: Texas Instruments TMP102 data sheet (SBOS397), table "12-bit temperature data format": 0x190 = 25 °C, 0xE70 = -25 °C, 0x7FF = 127.9375 °C, left-justified in the register.
    [Theory]
    [InlineData(0x1900, 25)]
    [InlineData(0xE700, -25)]
    [InlineData(0x7FF0, 127.9375)]
    [InlineData(0xFFF0, -0.0625)]
    public void I2cRegister_Tmp102DataSheet_DecodesSignMaskShiftAndScale(int word, double celsius)
    {
        var model = new RegisterModel();
        model.SetWord(0, word);
        _bench.Hardware.I2c.Add(1, 0x48, model);
        ISensor sensor = _bench.Create("i2c-register", ("address", "0x48"), ("registers", "temperature reg=0x00 type=s16 mask=0xfff0 shift=4 scale=0.0625 unit=Cel min=-55 max=150"));
        SensorReading reading = Assert.Single(Bench.OpenAndRead(sensor));
        Assert.Equal(("temperature", celsius, "Cel"), (reading.Metric, reading.Value, reading.Unit));
    }

    [Theory]
    [InlineData("u8", "be", "80", 128)]
    [InlineData("s8", "be", "80", -128)]
    [InlineData("u16", "le", "3412", 0x1234)]
    [InlineData("u32", "be", "12345678", 0x12345678)]
    [InlineData("u32", "be-swap", "56781234", 0x12345678)]
    [InlineData("s32", "le", "feffffff", -2)]
    [InlineData("f32", "be", "43db8c2e", 439.0951538)]
    [InlineData("f32", "be-swap", "8c2e43db", 439.0951538)]
    [InlineData("f64", "be", "400921fb54442d18", 3.14159265)]
    [InlineData("s64", "be", "ffffffffffffffff", -1)]
    [InlineData("u64", "be", "0000000100000000", 4294967296)]
    public void I2cRegister_EachType_Decodes(string type, string order, string bytes, double value)
    {
        var model = new RegisterModel();
        Convert.FromHexString(bytes).CopyTo(model.Registers, 0x10);
        _bench.Hardware.I2c.Add(1, 0x20, model);
        ISensor sensor = _bench.Create("i2c-register", ("address", "0x20"), ("registers", $"x reg=0x10 type={type} order={order}"));
        Assert.Equal(value, Bench.OpenAndRead(sensor)[0].Value, 1e-6 * Math.Max(1, Math.Abs(value)));
    }

    [Fact]
    public void I2cRegister_Init_IsWrittenWhenOpened()
    {
        var model = new RegisterModel();
        _bench.Hardware.I2c.Add(1, 0x20, model);
        _bench.Create("i2c-register", ("address", "0x20"), ("init", "0x01=0x60a0; 7=0xff"), ("registers", "x reg=1")).Open();
        Assert.Equal((0x60, 0xA0, 0xFF), (model.Registers[1], model.Registers[2], model.Registers[7]));
    }

    [Theory]
    [InlineData("", "has 0 values")]
    [InlineData("x", "reg is missing")]
    [InlineData("x reg=256", "reg is '256'")]
    [InlineData("x reg=1 type=u12", "type is 'u12'")]
    [InlineData("x reg=1 type=f16", "type 'f16' does not go here")]
    [InlineData("x reg=1 scale=abc", "scale is 'abc'")]
    [InlineData("x reg=1 mask=0xff0000", "the mask leaves nothing")]
    [InlineData("x reg=1 colour=red", "'colour' is not known")]
    [InlineData("x reg=1 reg=2", "'reg=2' is no field, or is there twice")]
    [InlineData("reg=1", "it has no name")]
    [InlineData("x reg=1; x reg=2", "names a value twice")]
    public void I2cRegister_BadMap_SaysWhat(string registers, string says) =>
        Assert.Contains(_bench.Problems("i2c-register", ("address", "0x20"), ("registers", registers)), p => p.Contains(says, StringComparison.Ordinal) && p.StartsWith("Sensors:0:settings:registers", StringComparison.Ordinal));

    // Vector: Microchip DS21295D, equation 4-2: code = 1024 x Vin / Vref; DS21298E, equation 4-2: 4096 x Vin / Vref. Framing of section 6.1 in the model, bit for bit.
    [Theory]
    [InlineData("mcp3008", 1024)]
    [InlineData("mcp3208", 4096)]
    public void Mcp3xxx_EachChannel_ReadsItsVoltage(string driver, int steps)
    {
        _bench.Hardware.Spi[(0, 0)] = new Mcp3xxxModel(driver == "mcp3208", 3.3, static channel => 0.4 * channel);
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create(driver));
        Assert.Equal(8, readings.Count);
        for (int i = 0; i < 8; i++) Assert.InRange(readings[i].Value, (0.4 * i) - (3.3 / steps), (0.4 * i) + 1e-9);
    }

    [Fact]
    public void Mcp3008_NoChip_IsANamedError()
    {
        _bench.Hardware.Spi[(0, 0)] = new Floating();
        BusException error = Assert.Throws<BusException>(() => Bench.OpenAndRead(_bench.Create("mcp3008")));
        Assert.Contains("spi0.0: no device answers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SpiRegister_ReadBitGoesOut_ValueComesIn()
    {
        var device = new Recorder(0x00, 0x12, 0x34);
        _bench.Hardware.Spi[(0, 1)] = device;
        ISensor sensor = _bench.Create("spi-register", ("chipselect", "1"), ("registers", "x reg=0x0c scale=0.5"));
        Assert.Equal(0x1234 * 0.5, Bench.OpenAndRead(sensor)[0].Value);
        Assert.Equal([0x8C, 0x00, 0x00], device.Sent);
    }

    public void Dispose() => _bench.Dispose();

    private sealed class Floating : ISimulatedSpi
    {
        public void Transfer(ReadOnlySpan<byte> sent, Span<byte> got) => got.Fill(0xFF);
    }

    private sealed class Recorder(params byte[] answer) : ISimulatedSpi
    {
        public byte[] Sent { get; private set; } = [];

        public void Transfer(ReadOnlySpan<byte> sent, Span<byte> got)
        {
            Sent = sent.ToArray();
            answer.AsSpan(0, got.Length).CopyTo(got);
        }
    }
}
