using Edge.Hardware.Buses;
using Edge.Hardware.Drivers;
using Edge.Hardware.Drivers.Kernel;
using Xunit;

namespace Edge.Hardware.Tests.Drivers.Kernel;

public sealed class KernelDriverTests : IDisposable
{
    private readonly Bench _bench = new();

    // Vectors: DS18B20 data sheet, table 1 (temperature register); scratchpads with the checksum of Maxim application note 27 worked out here.
    [Theory]
    [InlineData(0x07D0, 125)]
    [InlineData(0x0191, 25.0625)]
    [InlineData(0x00A2, 10.125)]
    [InlineData(0x0008, 0.5)]
    [InlineData(0x0000, 0)]
    [InlineData(0xFFF8, -0.5)]
    [InlineData(0xFF5E, -10.125)]
    [InlineData(0xFC90, -55)]
    public void Ds18b20_DataSheetTable_Decodes(int register, double celsius)
    {
        var readings = new ReadingBuffer(0);
        OneWireSensor.Decode(Slave(register, 0x10), "28-x", "temperature", readings);
        Assert.Equal((celsius, SensorQuality.Good), (readings.Readings[0].Value, readings.Readings[0].Quality));
    }

    // The scratchpad after power-on as kernels print it: a reading that must not be taken for 85 °C.
    [Fact]
    public void Ds18b20_PowerOnValue_IsAFault()
    {
        var readings = new ReadingBuffer(0);
        OneWireSensor.Decode("50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000", "28-x", "temperature", readings);
        Assert.Equal(SensorQuality.Fault, readings.Readings[0].Quality);
        Assert.Contains("loses power", readings.Readings[0].Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("91 01 4b 46 7f ff 0f 10 26 : crc=26 NO", "checksum does not match")]
    [InlineData("00 00 00 00 00 00 00 00 00 : crc=00 YES", "held low")]
    [InlineData("91 01 4b", "gave 3 bytes where 9 belong")]
    [InlineData("xx 01 4b 46 7f ff 0f 10 25 : crc=25 YES", "where a byte belongs")]
    [InlineData("", "gave 0 bytes")]
    public void Ds18b20_BadAnswer_IsANamedFault(string text, string says)
    {
        var readings = new ReadingBuffer(0);
        OneWireSensor.Decode(text, "28-x", "temperature", readings);
        Assert.Equal(SensorQuality.Fault, readings.Readings[0].Quality);
        Assert.Contains(says, readings.Readings[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ds18b20_TwoOnTheBusOneGone_TheOtherIsRead()
    {
        Files(("sys/bus/w1/devices/28-a1/w1_slave", Slave(0x0191, 0x10)), ("sys/bus/w1/devices/28-b2/w1_slave", Slave(0xFF5E, 0x10)));
        ISensor sensor = _bench.Create("ds18b20");
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(sensor);
        Assert.Equal([("28-a1/temperature", 25.0625), ("28-b2/temperature", -10.125)], readings.Select(static r => (r.Metric, r.Value)));
        File.Delete(Path.Combine(_bench.Hardware.FileRoot, "sys/bus/w1/devices/28-a1/w1_slave"));
        readings = Bench.Read(sensor);
        Assert.Equal([SensorQuality.Fault, SensorQuality.Good], readings.Select(static r => r.Quality));
        Assert.Contains("28-a1 is not on the bus", readings[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ds18b20_NoBusOrNobody_SaysWhatToDo()
    {
        Assert.Contains("dtoverlay=w1-gpio", Assert.Throws<BusException>(() => _bench.Create("ds18b20").Open()).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_bench.Hardware.FileRoot, "sys/bus/w1/devices"));
        Assert.Contains("4.7 kOhm", Assert.Throws<BusException>(() => _bench.Create("ds18b20").Open()).Message, StringComparison.Ordinal);
    }

    // Files as the kernel's dht11 and bmp280 drivers and an MCP3208 show them (Documentation/ABI/testing/sysfs-bus-iio).
    [Fact]
    public void Iio_ProcessedRawAndSharedScale_ConvertToOurUnits()
    {
        const string dht = "sys/bus/iio/devices/iio:device0", bmp = "sys/bus/iio/devices/iio:device1", adc = "sys/bus/iio/devices/iio:device2";
        Files(
            ($"{dht}/name", "dht11@4"), ($"{dht}/in_temp_input", "23400"), ($"{dht}/in_humidityrelative_input", "45600"),
            ($"{bmp}/name", "bmp280"), ($"{bmp}/in_temp_input", "21370"), ($"{bmp}/in_pressure_input", "98.765"), ($"{bmp}/in_pressure_oversampling_ratio", "16"),
            ($"{adc}/name", "mcp3208"), ($"{adc}/in_voltage0_raw", "2048"), ($"{adc}/in_voltage1_raw", "1000"), ($"{adc}/in_voltage_scale", "0.805664062"), ($"{adc}/in_voltage1_offset", "-500"));
        Assert.Equal([("humidity", 45.6), ("temperature", 23.4)], Read("dht22"));
        Assert.Equal([("pressure", 98765.0), ("temperature", 21.37)], Read("iio", ("device", "bmp280")));
        Assert.Equal([("0/voltage", 1.65), ("1/voltage", 0.4028)], Read("iio", ("device", "mcp3208")));

        (string, double)[] Read(string driver, params (string, string)[] settings) => [.. Bench.OpenAndRead(_bench.Create(driver, settings)).Select(static r => (r.Metric, Math.Round(r.Value, 4)))];
    }

    [Fact]
    public void Iio_NoSuchDevice_ListsThoseThereAre()
    {
        Files(("sys/bus/iio/devices/iio:device0/name", "bmp280"));
        Assert.Contains("there are bmp280", Assert.Throws<BusException>(() => _bench.Create("iio", ("device", "bme680")).Open()).Message, StringComparison.Ordinal);
        Assert.Contains("dtoverlay=dht11", Assert.Throws<BusException>(() => _bench.Create("dht22").Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hwmon_ChipWithEveryKind_ConvertsToOurUnits()
    {
        const string chip = "sys/class/hwmon/hwmon3";
        Files(
            ($"{chip}/name", "ina3221"), ($"{chip}/in1_input", "12040"), ($"{chip}/in1_label", "Solar Panel"), ($"{chip}/curr1_input", "-750"), ($"{chip}/power1_input", "9030000"), ($"{chip}/temp1_input", "41500"),
            ($"{chip}/fan1_input", "1200"), ($"{chip}/humidity1_input", "45600"), ($"{chip}/temp2_input", "0"), ($"{chip}/temp2_fault", "1"), ("sys/class/hwmon/hwmon4/name", "other"), ("sys/class/hwmon/hwmon4/in1_input", "1"));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("hwmon", ("chip", "ina3221")));
        Assert.Equal(
            [("curr1/current", -0.75), ("fan1/speed", 1200), ("humidity1/humidity", 45.6), ("power1/power", 9.03), ("solar-panel/voltage", 12.04), ("temp1/temperature", 41.5)],
            readings.Where(static r => r.Quality == SensorQuality.Good).Select(static r => (r.Metric, Math.Round(r.Value, 6))).OrderBy(static r => r.Metric, StringComparer.Ordinal));
        Assert.Equal("temp2/temperature", readings.Single(static r => r.Quality == SensorQuality.Fault).Metric);
        Assert.Contains("there are: ina3221, other", Assert.Throws<BusException>(() => _bench.Create("hwmon", ("chip", "k10temp")).Open()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private static string Slave(int register, byte countPerDegree)
    {
        byte[] scratchpad = [(byte)register, (byte)(register >> 8), 0x4B, 0x46, 0x7F, 0xFF, 0x0E, countPerDegree, 0];
        scratchpad[8] = Checksums.OneWire(scratchpad.AsSpan(0, 8));
        return $"{string.Join(' ', scratchpad.Select(static b => b.ToString("x2")))} : crc={scratchpad[8]:x2} YES";
    }

    private void Files(params (string Path, string Text)[] files)
    {
        foreach ((string path, string text) in files)
        {
            string full = Path.Combine(_bench.Hardware.FileRoot, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text + "\n");
        }
    }
}
