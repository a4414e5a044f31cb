namespace Edge.Hardware.Drivers.I2c;

/// <summary>Driver <c>bme680</c>: temperature, humidity, pressure. The gas heater stays off: its index needs Bosch's closed library.</summary>
/// <remarks>Source: Bosch BST-BME680-DS001, sections 5.2 and 5.3 (registers), 3.2.1 (forced mode).</remarks>
internal sealed class Bme680Sensor(DriverSetup setup) : I2cSensor(setup, 0x76, Addresses)
{
    public static readonly int[] Addresses = [0x76, 0x77];
    public const byte ChipId = 0x61, Id = 0xD0, Reset = 0xE0, ControlHumidity = 0x72, ControlMeasurement = 0x74, Status = 0x1D, Data = 0x1F, CalibrationLow = 0x89, CalibrationHigh = 0xE1;

    private Bme680Calibration _calibration = new();

    public override void Read(ReadingBuffer readings)
    {
        WriteRegister(ControlHumidity, 1);
        WriteRegister(ControlMeasurement, 0b001_001_01);
        Delay(10);
        WaitUntil(() => (ReadRegister(Status) & 0x80) != 0, 2, 100); // new_data_0
        Span<byte> data = stackalloc byte[8];
        ReadRegisters(Data, data);
        int fine = _calibration.FineTemperature((data[3] << 12) | (data[4] << 4) | (data[5] >> 4));
        readings.Add("temperature", Bme680Calibration.Celsius100(fine) / 100.0, "Cel", -40, 85);
        readings.Add("humidity", _calibration.Humidity1000((data[6] << 8) | data[7], fine) / 1000.0, "%RH", 0, 100);
        readings.Add("pressure", _calibration.Pressure((data[0] << 12) | (data[1] << 4) | (data[2] >> 4), fine), "Pa", 30_000, 110_000);
    }

    protected override void Initialize()
    {
        CheckId("the chip id of a BME680", ChipId, ReadRegister(Id));
        WriteRegister(Reset, 0xB6);
        Delay(10);
        Span<byte> low = stackalloc byte[25], high = stackalloc byte[16];
        ReadRegisters(CalibrationLow, low);
        ReadRegisters(CalibrationHigh, high);
        _calibration = Bme680Calibration.Parse(low, high);
        if (_calibration.T1 is 0 or 0xFFFF) throw new SensorException(Setup.Name, "its trimming values are empty: a counterfeit, or a disturbed line");
    }
}
