using System.Buffers.Binary;

namespace Edge.Hardware.Drivers.I2c;

/// <summary>Trimming values of a BME680 and the integer arithmetic that uses them.</summary>
/// <remarks>Source: Bosch BST-BME680-DS001, sections 3.3.1 (temperature), 3.3.2 (pressure), 3.3.3 (humidity): addresses of the coefficients and integer formulas.</remarks>
internal sealed class Bme680Calibration
{
    public ushort T1 { get; init; }
    public short T2 { get; init; }
    public sbyte T3 { get; init; }
    public ushort P1 { get; init; }
    public short P2 { get; init; }
    public sbyte P3 { get; init; }
    public short P4 { get; init; }
    public short P5 { get; init; }
    public sbyte P6 { get; init; }
    public sbyte P7 { get; init; }
    public short P8 { get; init; }
    public short P9 { get; init; }
    public byte P10 { get; init; }
    public ushort H1 { get; init; }
    public ushort H2 { get; init; }
    public sbyte H3 { get; init; }
    public sbyte H4 { get; init; }
    public sbyte H5 { get; init; }
    public byte H6 { get; init; }
    public sbyte H7 { get; init; }

    /// <param name="low">Registers 0x89 to 0xA1, 25 bytes.</param>
    /// <param name="high">Registers 0xE1 to 0xF0, 16 bytes.</param>
    public static Bme680Calibration Parse(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high) => new()
    {
        T1 = BinaryPrimitives.ReadUInt16LittleEndian(high[8..]), T2 = Signed(low, 0x8A), T3 = (sbyte)low[0x8C - 0x89],
        P1 = BinaryPrimitives.ReadUInt16LittleEndian(low[(0x8E - 0x89)..]), P2 = Signed(low, 0x90), P3 = (sbyte)low[0x92 - 0x89], P4 = Signed(low, 0x94), P5 = Signed(low, 0x96),
        P6 = (sbyte)low[0x99 - 0x89], P7 = (sbyte)low[0x98 - 0x89], P8 = Signed(low, 0x9C), P9 = Signed(low, 0x9E), P10 = low[0xA0 - 0x89],
        H1 = (ushort)((high[2] << 4) | (high[1] & 0x0F)), H2 = (ushort)((high[0] << 4) | (high[1] >> 4)),
        H3 = (sbyte)high[3], H4 = (sbyte)high[4], H5 = (sbyte)high[5], H6 = high[6], H7 = (sbyte)high[7],
    };

    public int FineTemperature(int raw)
    {
        int var1 = (raw >> 3) - (T1 << 1);
        int var2 = (int)(((long)var1 * T2) >> 11);
        int var3 = (int)((((long)(var1 >> 1) * (var1 >> 1)) >> 12) * (T3 << 4) >> 14);
        return var2 + var3;
    }

    /// <summary>Hundredths of a degree.</summary>
    public static int Celsius100(int fine) => ((fine * 5) + 128) >> 8;

    /// <summary>Pascal; 0 where the formula would divide by zero.</summary>
    public int Pressure(int raw, int fine)
    {
        int var1 = (fine >> 1) - 64000;
        int var2 = ((((var1 >> 2) * (var1 >> 2)) >> 11) * P6) >> 2;
        var2 += (var1 * P5) << 1;
        var2 = (var2 >> 2) + (P4 << 16);
        var1 = (((((var1 >> 2) * (var1 >> 2)) >> 13) * (P3 << 5)) >> 3) + ((P2 * var1) >> 1);
        var1 >>= 18;
        var1 = ((32768 + var1) * P1) >> 15;
        if (var1 == 0) return 0;
        uint p = (uint)((1048576 - raw - (var2 >> 12)) * 3125L);
        p = p >= 0x4000_0000 ? (p / (uint)var1) << 1 : (p << 1) / (uint)var1;
        int pressure = (int)p;
        var1 = (P9 * (((pressure >> 3) * (pressure >> 3)) >> 13)) >> 12;
        var2 = ((pressure >> 2) * P8) >> 13;
        int var3 = (int)(((long)(pressure >> 8) * (pressure >> 8) * (pressure >> 8) * P10) >> 17);
        return pressure + ((var1 + var2 + var3 + (P7 << 7)) >> 4);
    }

    /// <summary>Thousandths of a percent.</summary>
    public int Humidity1000(int raw, int fine)
    {
        int t = Celsius100(fine);
        int var1 = raw - (H1 << 4) - (((t * H3) / 100) >> 1);
        int var2 = (H2 * (((t * H4) / 100) + (((t * ((t * H5) / 100)) >> 6) / 100) + (1 << 14))) >> 10;
        int var3 = var1 * var2;
        int var4 = ((H6 << 7) + ((t * H7) / 100)) >> 4;
        int var5 = ((var3 >> 14) * (var3 >> 14)) >> 10;
        int var6 = (var4 * var5) >> 1;
        return Math.Clamp((((var3 + var6) >> 10) * 1000) >> 12, 0, 100_000);
    }

    private static short Signed(ReadOnlySpan<byte> low, int register) => BinaryPrimitives.ReadInt16LittleEndian(low[(register - 0x89)..]);
}
