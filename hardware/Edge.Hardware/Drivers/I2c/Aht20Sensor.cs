using Edge.Hardware.Buses;

namespace Edge.Hardware.Drivers.I2c;

/// <summary>Driver <c>aht20</c> (AHT20, AHT21): temperature and humidity.</summary>
/// <remarks>Source: ASAIR AHT20 data sheet, section 5.4 (status, initialisation 0xBE, measurement 0xAC, 80 ms, checksum) and 6 (conversion of the 20-bit values).</remarks>
internal sealed class Aht20Sensor(DriverSetup setup) : I2cSensor(setup, 0x38, Addresses)
{
    public static readonly int[] Addresses = [0x38];

    public override void Read(ReadingBuffer readings)
    {
        Device.Write([0xAC, 0x33, 0x00]);
        Delay(80);
        byte[] answer = new byte[7];
        WaitUntil(() => { Device.Read(answer); return (answer[0] & 0x80) == 0; }, 10, 100);
        if (Checksums.Sensirion(answer.AsSpan(0, 6)) != answer[6]) throw new BusException(BusFault.Checksum, $"{Where}: the checksum does not match: a disturbed line");
        int humidity = (answer[1] << 12) | (answer[2] << 4) | (answer[3] >> 4), temperature = ((answer[3] & 0x0F) << 16) | (answer[4] << 8) | answer[5];
        readings.Add("temperature", (temperature * 200.0 / 1048576) - 50, "Cel", -40, 85);
        readings.Add("humidity", humidity * 100.0 / 1048576, "%RH", 0, 100);
    }

    protected override void Initialize()
    {
        Delay(40);
        Device.WriteByte(0x71);
        if ((Device.ReadByte() & 0x18) == 0x18) return; // calibrated already
        Device.Write([0xBE, 0x08, 0x00]);
        Delay(10);
        Device.WriteByte(0x71);
        if ((Device.ReadByte() & 0x08) == 0) throw new SensorException(Setup.Name, "it does not come out of its initialisation");
    }
}
