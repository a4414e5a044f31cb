using System.Text;
using Edge.Hardware.Buses;
using Edge.Hardware.Drivers;
using Edge.Hardware.Drivers.Registers;
using Edge.Hardware.Drivers.Serial;
using Edge.Hardware.Simulation;
using Edge.Hardware.Simulation.Models;
using Xunit;

namespace Edge.Hardware.Tests.Drivers.Serial;

public sealed class SerialDriverTests : IDisposable
{
    private readonly Bench _bench = new();

    // The manual gives no frame. Vector: built by hand after Plantower's data manual V2.3, appendix I; the checksum is the sum of the 30 bytes before it.
    [Fact]
    public void Pms5003_Frame_Decodes()
    {
        byte[] frame = Convert.FromHexString("424D001C" + "0005000700090006000B000D" + "0384010E0046000A00020001" + "9700" + "025E");
        Assert.Equal(0x025E, frame.Take(30).Sum(static b => b));
        var readings = new ReadingBuffer(0);
        Assert.True(Pms5003Sensor.TryDecode(frame, readings));
        Assert.Equal([6, 11, 13, 9000, 2700, 700, 100, 20, 10], readings.Readings.Select(static r => (int)r.Value));
        frame[7] ^= 1;
        Assert.False(Pms5003Sensor.TryDecode(frame, new ReadingBuffer(0)));
    }

    [Fact]
    public void Pms5003_BeginsInTheMiddleOfAFrame_FindsTheNext()
    {
        byte[] frame = new Pms5003Model(static () => 25).Send();
        _bench.Hardware.Serial["/dev/serial0"] = new Script([.. frame.Skip(9), .. frame]);
        Assert.Equal(25, Bench.Value(Bench.OpenAndRead(_bench.Create("pms5003")), "pm2.5"));
    }

    [Fact]
    public async Task Pms5003_Silence_SaysWhatToCheck()
    {
        _bench.Hardware.Serial["/dev/serial0"] = new Script([]);
        ISensor sensor = _bench.Create("pms5003");
        sensor.Open();
        Task<BusException> waiting = Task.Run(() => Assert.Throws<BusException>(() => Bench.Read(sensor)));
        while (!waiting.IsCompleted) { _bench.Time.Advance(TimeSpan.FromMilliseconds(250)); await Task.Delay(5); }
        Assert.Contains("/dev/serial0: no frame within 3 s; check power", (await waiting).Message, StringComparison.Ordinal);
    }

    // Vectors: the GGA and RMC sentences that Dale DePriest's "NMEA data" (gpsinformation.org) explains field by field.
    [Fact]
    public void Nmea_WellKnownSentences_GivePositionAndSpeed()
    {
        string[] gga = NmeaSensor.Fields("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47")!;
        string[] rmc = NmeaSensor.Fields("$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A")!;
        var readings = new ReadingBuffer(0);
        NmeaSensor.Report(readings, gga, rmc);
        Assert.Equal(48 + (7.038 / 60), Bench.Value(readings.Readings, "latitude"), 1e-9);
        Assert.Equal(11 + (31.0 / 60), Bench.Value(readings.Readings, "longitude"), 1e-9);
        Assert.Equal((1, 8, 545.4, 0.9), (Bench.Value(readings.Readings, "fix"), Bench.Value(readings.Readings, "satellites"), Bench.Value(readings.Readings, "altitude"), Bench.Value(readings.Readings, "hdop")));
        Assert.Equal(22.4 * 1852 / 3600, Bench.Value(readings.Readings, "speed"), 1e-9);
        Assert.Equal(84.4 * Math.PI / 180, Bench.Value(readings.Readings, "course"), 1e-9);
    }

    [Theory]
    [InlineData("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*46")] // checksum off by one
    [InlineData("GPGGA,123519*47")]
    [InlineData("$GPGGA,123519")]
    [InlineData("$*00")]
    [InlineData("")]
    public void Nmea_DamagedSentence_IsNone(string sentence) => Assert.Null(NmeaSensor.Fields(sentence));

    [Theory]
    [InlineData("4807.038", "S", -48.1173)]
    [InlineData("00000.600", "W", -0.01)]
    [InlineData("4860.000", "N", double.NaN)]
    [InlineData("", "N", double.NaN)]
    [InlineData("4807.038", "X", double.NaN)]
    public void Nmea_Degrees_AreSignedOrNone(string text, string hemisphere, double degrees) => Assert.Equal(degrees, NmeaSensor.Degrees(text, hemisphere), 1e-9);

    [Fact]
    public void Nmea_NoFix_SaysSoAndGivesNoPosition()
    {
        var readings = new ReadingBuffer(0);
        NmeaSensor.Report(readings, NmeaSensor.Fields("$GPGGA,123519,,,,,0,00,,,M,,M,,*6B")!, null);
        Assert.Equal(["fix", "satellites"], readings.Readings.Select(static r => r.Metric));
        Assert.Equal(0, readings.Readings[0].Value);
    }

    [Fact]
    public void Nmea_Simulated_ReadsThePosition()
    {
        _bench.Hardware.Serial["/dev/ttyACM0"] = new NmeaModel(_bench.Time, static () => (-33.8568, 151.2153, 12.5));
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("nmea", ("device", "/dev/ttyACM0")));
        Assert.Equal(-33.8568, Bench.Value(readings, "latitude"), 1e-5);
        Assert.Equal(151.2153, Bench.Value(readings, "longitude"), 1e-5);
    }

    // Vector: MODBUS over Serial Line V1.02's polynomial; the request 01 03 00 00 00 0A has the checksum C5 CD in every Modbus primer.
    [Fact]
    public void ModbusChecksum_WellKnownRequest_Matches() => Assert.Equal(0xCDC5, Checksums.Modbus([0x01, 0x03, 0x00, 0x00, 0x00, 0x0A]));

    // Vector: MODBUS Application Protocol V1.1b3, section 6.3: registers 108 to 110 (address 0x006B) hold 555, 0, 100.
    [Fact]
    public void Modbus_SpecificationsExample_AsksAndReads()
    {
        var line = new Answering(static request => Crc([0x11, 0x03, 0x06, 0x02, 0x2B, 0x00, 0x00, 0x00, 0x64]));
        _bench.Hardware.Serial["/dev/ttyUSB0"] = line;
        IReadOnlyList<SensorReading> readings = Bench.OpenAndRead(_bench.Create("modbus", ("station", "17"), ("registers", "a reg=107; b reg=108; c reg=109 scale=0.1")));
        Assert.Equal(Crc([0x11, 0x03, 0x00, 0x6B, 0x00, 0x03]), line.Request);
        Assert.Equal([555.0, 0.0, 10.0], readings.Select(static r => r.Value));
    }

    [Theory]
    [InlineData("", BusFault.NoDevice, "no answer within")]
    [InlineData("0103020001", BusFault.Transfer, "breaks off after 5 of 7 bytes")]
    [InlineData("01030200017985", BusFault.Checksum, "checksum of the answer does not match")]
    [InlineData("02030200013D84", BusFault.WrongDevice, "station 2 answered")]
    public async Task Modbus_BadAnswer_IsANamedError(string answer, BusFault fault, string says)
    {
        _bench.Hardware.Serial["/dev/ttyUSB0"] = new Answering(_ => Convert.FromHexString(answer));
        ISensor sensor = _bench.Create("modbus", ("timeout", "50"), ("registers", "x reg=0"));
        sensor.Open();
        Task<BusException> reading = Task.Run(() => Assert.Throws<BusException>(() => Bench.Read(sensor)));
        while (!reading.IsCompleted) { _bench.Time.Advance(TimeSpan.FromMilliseconds(10)); await Task.Delay(2); }
        Assert.Equal(fault, (await reading).Fault);
        Assert.Contains(says, (await reading).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modbus_Exception_NamesItsMeaningAndTheRegisters()
    {
        _bench.Hardware.Serial["/dev/ttyUSB0"] = new Answering(static _ => Crc([0x01, 0x83, 0x02]));
        ISensor sensor = _bench.Create("modbus", ("registers", "x reg=40000 type=u32"));
        sensor.Open();
        Assert.Contains("exception 2 (illegal data address) to registers 40000 to 40001", Assert.Throws<SensorException>(() => Bench.Read(sensor)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modbus_ScatteredRegisters_AreAskedInFewRequestsOfAtMost125()
    {
        RegisterValue At(int register) => new($"r{register}", register, 16, false, false, false, false, 0xFFFF, 0, 1, 0, "/", 0, 1);
        var requests = ModbusSensor.Group([At(300), At(0), At(4), At(20), .. Enumerable.Range(1000, 130).Select(At)]);
        Assert.Equal([(0, 5), (20, 1), (300, 1), (1000, 125), (1125, 5)], requests.Select(static r => (r.First, r.Count)));
    }

    [Fact]
    public void Modbus_TwoStationsOnOneLine_ShareItAndItsThread()
    {
        var model = new ModbusModel(static (station, register) => (ushort)((station * 100) + register)) { Stations = { 1, 2 } };
        _bench.Hardware.Serial["/dev/ttyUSB0"] = model;
        ISensor first = _bench.Create("modbus", ("station", "1"), ("registers", "x reg=5")), second = _bench.Create("modbus", ("station", "2"), ("registers", "x reg=5"));
        Assert.Equal(first.Bus, second.Bus);
        Assert.Equal((105.0, 205.0), (Bench.OpenAndRead(first)[0].Value, Bench.OpenAndRead(second)[0].Value));
    }

    public void Dispose() => _bench.Dispose();

    private static byte[] Crc(byte[] body)
    {
        ushort crc = Checksums.Modbus(body);
        return [.. body, (byte)crc, (byte)(crc >> 8)];
    }

    private sealed class Script(byte[] bytes) : ISimulatedSerial
    {
        private byte[] _left = bytes;

        public void Receive(ReadOnlySpan<byte> sent) { }

        public byte[] Send()
        {
            byte[] all = _left;
            _left = [];
            return all;
        }
    }

    private sealed class Answering(Func<byte[], byte[]> answer) : ISimulatedSerial
    {
        private byte[] _answer = [];

        public byte[] Request { get; private set; } = [];

        public void Receive(ReadOnlySpan<byte> sent)
        {
            Request = sent.ToArray();
            _answer = answer(Request);
        }

        public byte[] Send()
        {
            byte[] bytes = _answer;
            _answer = [];
            return bytes;
        }
    }
}
