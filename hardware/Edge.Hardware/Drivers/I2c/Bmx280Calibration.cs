using System.Buffers.Binary;

namespace Edge.Hardware.Drivers.I2c;

/// <summary>Trimming values of a BME280 or BMP280 and the integer arithmetic that uses them.</summary>
/// <remarks>Source: Bosch BST-BME280-DS002 (rev 1.6), sections 4.2.2 (trimming registers) and 4.2.3 (compensation formulas); BST-BMP280-DS001, sections 3.11.2 and 3.11.3.</remarks>
internal sealed class Bmx280Calibration
{
    public ushort T1 { get; init; }
    public short T2 { get; init; }
    public short T3 { get; init; }
    public ushort P1 { get; init; }
    public short P2 { get; init; }
    public short P3 { get; init; }
    public short P4 { get; init; }
    public short P5 { get; init; }
    public short P6 { get; init; }
    public short P7 { get; init; }
    public short P8 { get; init; }
    public short P9 { get; init; }
    public byte H1 { get; init; }
    public short H2 { get; init; }
    public byte H3 { get; init; }
    public short H4 { get; init; }
    public short H5 { get; init; }
    public sbyte H6 { get; init; }

    /// <param name="low">Registers 0x88 to 0xA1, 26 bytes.</param>
    /// <param name="high">Registers 0xE1 to 0xE7, 7 bytes; empty for a BMP280.</param>
    public static Bmx280Calibration Parse(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high) => new()
    {
        T1 = BinaryPrimitives.ReadUInt16LittleEndian(low), T2 = Signed(low, 2), T3 = Signed(low, 4),
        P1 = BinaryPrimitives.ReadUInt16LittleEndian(low[6..]), P2 = Signed(low, 8), P3 = Signed(low, 10), P4 = Signed(low, 12), P5 = Signed(low, 14),
        P6 = Signed(low, 16), P7 = Signed(low, 18), P8 = Signed(low, 20), P9 = Signed(low, 22),
        H1 = low[25],
        H2 = high.Length == 0 ? (short)0 : Signed(high, 0),
        H3 = high.Length == 0 ? (byte)0 : high[2],
        H4 = high.Length == 0 ? (short)0 : (short)(((sbyte)high[3] << 4) | (high[4] & 0x0F)),
        H5 = high.Length == 0 ? (short)0 : (short)(((sbyte)high[5] << 4) | (high[4] >> 4)),
        H6 = high.Length == 0 ? (sbyte)0 : (sbyte)high[6],
    };

    /// <summary>The value that carries the temperature into the other formulas; its hundredths of a degree are (t_fine * 5 + 128) >> 8.</summary>
    public int FineTemperature(int raw)
    {
        int var1 = (((raw >> 3) - (T1 << 1)) * T2) >> 11;
        int var2 = (((((raw >> 4) - T1) * ((raw >> 4) - T1)) >> 12) * T3) >> 14;
        return var1 + var2;
    }

    public static double Celsius(int fine) => ((fine * 5) + 128 >> 8) / 100.0;

    /// <summary>Pressure in 1/256 Pa; 0 where the formula would divide by zero.</summary>
    public uint Pressure256(int raw, int fine)
    {
        long var1 = (long)fine - 128000;
        long var2 = var1 * var1 * P6;
        var2 += (var1 * P5) << 17;
        var2 += (long)P4 << 35;
        var1 = ((var1 * var1 * P3) >> 8) + ((var1 * P2) << 12);
        var1 = (((1L << 47) + var1) * P1) >> 33;
        if (var1 == 0) return 0;
        long p = 1048576 - raw;
        p = ((p << 31) - var2) * 3125 / var1;
        var1 = (P9 * (p >> 13) * (p >> 13)) >> 25;
        var2 = (P8 * p) >> 19;
        return (uint)(((p + var1 + var2) >> 8) + ((long)P7 << 4));
    }

    /// <summary>Relative humidity in 1/1024 %.</summary>
    public uint Humidity1024(int raw, int fine)
    {
        int v = fine - 76800;
        v = (((raw << 14) - (H4 << 20) - (H5 * v) + 16384) >> 15)
            * (((((((v * H6) >> 10) * (((v * H3) >> 11) + 32768)) >> 10) + 2097152) * H2 + 8192) >> 14);
        v -= ((((v >> 15) * (v >> 15)) >> 7) * H1) >> 4;
        v = Math.Clamp(v, 0, 419430400);
        return (uint)(v >> 12);
    }

    private static short Signed(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt16LittleEndian(bytes[at..]);
}
