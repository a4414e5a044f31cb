namespace Edge.Hardware.Drivers.I2c;

/// <summary>Drivers <c>ina219</c> and <c>ina226</c>: bus voltage, shunt voltage, current and power over a shunt.</summary>
/// <remarks>
/// INA219: Texas Instruments SBOS448G, 8.5.1 (calibration = 0.04096 / (current LSB x shunt)), 8.6 (registers: shunt 10 µV, bus 4 mV in bits 15 to 3, power 20 x current LSB).
/// INA226: SBOS547A, 7.5.1 (calibration = 0.00512 / (current LSB x shunt)), 7.6 (registers: shunt 2.5 µV, bus 1.25 mV, power 25 x current LSB; ids at 0xFE and 0xFF).
/// </remarks>
internal sealed class InaSensor : I2cSensor
{
    public static readonly int[] Addresses = [.. Enumerable.Range(0x40, 16)];
    public const byte Config = 0, Shunt = 1, BusVoltage = 2, Power = 3, Current = 4, Calibration = 5, Manufacturer = 0xFE;

    private readonly bool _is226;
    private readonly double _shuntOhm, _currentLsb;
    private readonly ushort _calibration;

    public InaSensor(DriverSetup setup, bool is226) : base(setup, 0x40, Addresses)
    {
        _is226 = is226;
        _shuntOhm = setup.Settings.Real("shunt", 0.1, 0.00001, 100);
        double maxAmpere = setup.Settings.Real("maxcurrent", (is226 ? 0.08192 : 0.32) / _shuntOhm, 0.0001, 10_000);
        (_currentLsb, _calibration) = Scale(maxAmpere, _shuntOhm, is226);
        if (_calibration < 2) setup.Settings.Problem("maxcurrent", "is too large for this shunt: the calibration register would be empty");
    }

    /// <summary>Current LSB of at least max / 2^15, and the calibration register that belongs to it; where the register would overflow, a coarser LSB.</summary>
    internal static (double CurrentLsb, ushort Calibration) Scale(double maxAmpere, double shuntOhm, bool is226)
    {
        double constant = is226 ? 0.00512 : 0.04096, lsb = maxAmpere / 32768;
        double calibration = Math.Floor(constant / (lsb * shuntOhm));
        if (calibration > 65534) (calibration, lsb) = (65534, constant / (65534 * shuntOhm));
        ushort register = (ushort)((int)calibration & (is226 ? 0x7FFF : 0xFFFE)); // INA219: bit 0 is always 0; INA226: bit 15
        if (is226 && calibration > 0x7FFF) register = 0x7FFF;
        return (register == 0 ? lsb : constant / (register * shuntOhm), register);
    }

    public override void Read(ReadingBuffer readings)
    {
        ushort bus = ReadWord(BusVoltage);
        if (ReadWord(Calibration) != _calibration) throw new SensorException(Setup.Name, "it lost its calibration: it was without power"); // opened anew, which writes it again
        readings.Add("voltage", _is226 ? bus * 0.00125 : (bus >> 3) * 0.004, "V", 0, _is226 ? 40.96 : 32.76);
        readings.Add("shunt/voltage", (short)ReadWord(Shunt) * (_is226 ? 2.5e-6 : 10e-6), "V");
        if (!_is226 && (bus & 1) != 0) // OVF
        {
            readings.Fault("current", "A", "beyond what the calibration can count; raise 'maxcurrent'");
            readings.Fault("power", "W", "beyond what the calibration can count; raise 'maxcurrent'");
            return;
        }
        readings.Add("current", (short)ReadWord(Current) * _currentLsb, "A");
        readings.Add("power", ReadWord(Power) * _currentLsb * (_is226 ? 25 : 20), "W");
    }

    protected override void Initialize()
    {
        if (_is226) CheckId("the manufacturer id of an INA226", 0x5449, ReadWord(Manufacturer));
        WriteWord(Config, 0x8000); // reset
        Delay(1);
        // INA219: 32 V, gain /8, 12 bit, continuous (the reset value). INA226: 16 averages, 1.1 ms, continuous.
        WriteWord(Config, _is226 ? (ushort)0x4527 : (ushort)0x399F);
        WriteWord(Calibration, _calibration);
        Delay(_is226 ? 40 : 2);
        if (ReadWord(Calibration) != _calibration) CheckId("the calibration register", _calibration, ReadWord(Calibration));
    }
}
