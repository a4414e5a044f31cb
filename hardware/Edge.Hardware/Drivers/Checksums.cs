namespace Edge.Hardware.Drivers;

/// <summary>Checksums that devices use.</summary>
internal static class Checksums
{
    /// <summary>CRC-8, polynomial 0x31, start 0xFF. Source: Sensirion SHT3x-DIS data sheet, section 4.12; ASAIR AHT20 data sheet, section 5.4.</summary>
    public static byte Sensirion(ReadOnlySpan<byte> bytes)
    {
        byte crc = 0xFF;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (byte)((crc & 0x80) != 0 ? (crc << 1) ^ 0x31 : crc << 1);
        }
        return crc;
    }

    /// <summary>CRC-8 of 1-Wire, polynomial 0x31 reflected (0x8C), start 0. Source: Maxim application note 27; DS18B20 data sheet, "CRC generation".</summary>
    public static byte OneWire(ReadOnlySpan<byte> bytes)
    {
        byte crc = 0;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (byte)((crc & 1) != 0 ? (crc >> 1) ^ 0x8C : crc >> 1);
        }
        return crc;
    }

    /// <summary>CRC-16 of Modbus, polynomial 0xA001 reflected, start 0xFFFF; low byte first on the line. Source: MODBUS over Serial Line V1.02, section 6.2.2.</summary>
    public static ushort Modbus(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0xFFFF;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (ushort)((crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1);
        }
        return crc;
    }
}
