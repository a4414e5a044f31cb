namespace Edge.Hardware.Drivers.I2c;

/// <summary>Drivers <c>bme280</c> (temperature, humidity, pressure) and <c>bmp280</c> (without humidity), each reading a forced measurement.</summary>
/// <remarks>
/// Source: Bosch BST-BME280-DS002 (rev 1.6): section 5.4 registers, 3.3.3 forced mode, 9.1 measurement time (1.25 + 2.3 per sample + 0.575 ms), 4.1 data readout in one burst,
/// section 1 operating range. BST-BMP280-DS001 for the BMP280.
/// </remarks>
internal sealed class Bmx280Sensor(DriverSetup setup, bool hasHumidity) : I2cSensor(setup, 0x76, Addresses)
{
    public static readonly int[] Addresses = [0x76, 0x77];
    public const byte Bme280Id = 0x60, Bmp280Id = 0x58, Id = 0xD0, Reset = 0xE0, ControlHumidity = 0xF2, Status = 0xF3, ControlMeasurement = 0xF4, Config = 0xF5, Data = 0xF7, CalibrationLow = 0x88, CalibrationHigh = 0xE1;

    /// <summary>One sample of each quantity, forced: osrs_t = osrs_p = x1, mode = 01. Oversampling is the sampler's (<c>Oversample</c>).</summary>
    private const byte ForcedOnce = 0b001_001_01;

    private Bmx280Calibration _calibration = new();

    public override void Read(ReadingBuffer readings)
    {
        if (hasHumidity) WriteRegister(ControlHumidity, 1); // takes effect with the next write of ctrl_meas
        WriteRegister(ControlMeasurement, ForcedOnce);
        Delay(10);
        WaitUntil(() => (ReadRegister(Status) & 0x08) == 0, 2, 50);
        Span<byte> data = stackalloc byte[hasHumidity ? 8 : 6];
        ReadRegisters(Data, data);
        int pressure = (data[0] << 12) | (data[1] << 4) | (data[2] >> 4), temperature = (data[3] << 12) | (data[4] << 4) | (data[5] >> 4);
        if (temperature == 0x80000) { readings.Fault("temperature", "Cel", "the measurement was skipped"); return; } // the register's reset value
        int fine = _calibration.FineTemperature(temperature);
        readings.Add("temperature", Bmx280Calibration.Celsius(fine), "Cel", -40, 85);
        if (hasHumidity) readings.Add("humidity", _calibration.Humidity1024((data[6] << 8) | data[7], fine) / 1024.0, "%RH", 0, 100);
        if (pressure == 0x80000) readings.Fault("pressure", "Pa", "the measurement was skipped");
        else readings.Add("pressure", _calibration.Pressure256(pressure, fine) / 256.0, "Pa", 30_000, 110_000);
    }

    protected override void Initialize()
    {
        int id = ReadRegister(Id);
        if (hasHumidity) CheckId("the chip id of a BME280", Bme280Id, id);
        else if (id is not (Bmp280Id or Bme280Id or 0x56 or 0x57)) CheckId("the chip id of a BMP280", Bmp280Id, id); // 0x56, 0x57: early samples
        WriteRegister(Reset, 0xB6);
        Delay(2);
        WaitUntil(() => (ReadRegister(Status) & 0x01) == 0, 2, 50); // im_update: trimming values are being copied
        Span<byte> low = stackalloc byte[26], high = stackalloc byte[7];
        ReadRegisters(CalibrationLow, low);
        if (hasHumidity) ReadRegisters(CalibrationHigh, high);
        _calibration = Bmx280Calibration.Parse(low, hasHumidity ? high : []);
        if (_calibration.T1 is 0 or 0xFFFF) throw new SensorException(Setup.Name, "its trimming values are empty: a counterfeit, or a disturbed line");
        WriteRegister(Config, 0); // no filter: each forced measurement stands for itself
    }
}
