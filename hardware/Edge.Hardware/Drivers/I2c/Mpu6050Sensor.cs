using System.Buffers.Binary;

namespace Edge.Hardware.Drivers.I2c;

/// <summary>Driver <c>mpu6050</c>: acceleration, rotation, temperature.</summary>
/// <remarks>Source: InvenSense RM-MPU-6000A-00 (rev 4.2): 4.4 and 4.5 (ranges), 4.17 to 4.19 (data registers and LSBs; temperature = raw / 340 + 36.53), 4.28 (power), 4.32 (WHO_AM_I).</remarks>
internal sealed class Mpu6050Sensor : I2cSensor
{
    public static readonly int[] Addresses = [0x68, 0x69];
    public const byte WhoAmI = 0x75, Power = 0x6B, GyroConfig = 0x1B, AccelerationConfig = 0x1C, Data = 0x3B;

    private const double StandardGravity = 9.80665;

    private readonly (int Code, double Lsb) _acceleration, _gyro;

    public Mpu6050Sensor(DriverSetup setup) : base(setup, 0x68, Addresses)
    {
        _acceleration = setup.Settings.Choice("accelerationrange", (0, 16384.0), ("2g", (0, 16384.0)), ("4g", (1, 8192.0)), ("8g", (2, 4096.0)), ("16g", (3, 2048.0)));
        _gyro = setup.Settings.Choice("gyrorange", (0, 131.0), ("250", (0, 131.0)), ("500", (1, 65.5)), ("1000", (2, 32.8)), ("2000", (3, 16.4)));
    }

    public override void Read(ReadingBuffer readings)
    {
        Span<byte> data = stackalloc byte[14]; // one burst: all of the same moment
        ReadRegisters(Data, data);
        string[] axes = ["x", "y", "z"];
        for (int i = 0; i < 3; i++) readings.Add($"acceleration/{axes[i]}", BinaryPrimitives.ReadInt16BigEndian(data[(i * 2)..]) / _acceleration.Lsb * StandardGravity, "m/s2");
        readings.Add("temperature", (BinaryPrimitives.ReadInt16BigEndian(data[6..]) / 340.0) + 36.53, "Cel", -40, 85);
        for (int i = 0; i < 3; i++) readings.Add($"rotation/{axes[i]}", BinaryPrimitives.ReadInt16BigEndian(data[(8 + (i * 2))..]) / _gyro.Lsb * Math.PI / 180, "rad/s");
    }

    protected override void Initialize()
    {
        CheckId("WHO_AM_I of an MPU-6050", 0x68, ReadRegister(WhoAmI));
        WriteRegister(Power, 0x80);
        Delay(100);
        WriteRegister(Power, 0x01); // awake, clock from the X gyroscope as 4.28 recommends
        WriteRegister(GyroConfig, (byte)(_gyro.Code << 3));
        WriteRegister(AccelerationConfig, (byte)(_acceleration.Code << 3));
        Delay(50);
    }
}
