using System.Buffers.Binary;
using System.Text;

namespace Edge.Hardware.Payload;

/// <summary>Writes a reading as a SenML pack of one record in CBOR.</summary>
/// <remarks>Source: RFC 8428 section 6 (integer labels: bn -2, n 0, u 1, v 2, t 6), RFC 8949 sections 3 and 4.2 (shortest forms, definite lengths).</remarks>
public static class SenMlCbor
{
    public const string ContentType = "application/senml+cbor";

    private const byte Unsigned = 0, Negative = 1, Text = 3, Array = 4, Map = 5;

    /// <summary>An array of one map: <c>{-2: base name, 0: name, 1: unit, 2: value, 6: time in seconds}</c>.</summary>
    public static byte[] Write(string baseName, in SensorReading reading)
    {
        var cbor = new List<byte>(96);
        Head(cbor, Array, 1);
        Head(cbor, Map, 5);
        Label(cbor, -2);
        String(cbor, baseName);
        Label(cbor, 0);
        String(cbor, SenMl.Name(reading.Metric));
        Label(cbor, 1);
        String(cbor, reading.Unit);
        Label(cbor, 2);
        Number(cbor, reading.Value);
        Label(cbor, 6);
        if (reading.TimestampMs % 1000 == 0) Head(cbor, Unsigned, (ulong)(reading.TimestampMs / 1000));
        else Number(cbor, reading.TimestampMs / 1000.0);
        return [.. cbor];
    }

    private static void Label(List<byte> cbor, int label) => Head(cbor, label < 0 ? Negative : Unsigned, (ulong)(label < 0 ? -1 - label : label));

    private static void String(List<byte> cbor, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Head(cbor, Text, (ulong)bytes.Length);
        cbor.AddRange(bytes);
    }

    /// <summary>Whole numbers as integers, others as the shortest float that reads back the same.</summary>
    private static void Number(List<byte> cbor, double value)
    {
        const double exact = 1L << 53;
        if (value == Math.Floor(value) && Math.Abs(value) <= exact && !(value == 0 && double.IsNegative(value)))
        {
            Head(cbor, value < 0 ? Negative : Unsigned, (ulong)(value < 0 ? -1 - (long)value : (long)value));
            return;
        }
        Span<byte> bytes = stackalloc byte[8];
        if ((double)(Half)value == value)
        {
            BinaryPrimitives.WriteHalfBigEndian(bytes, (Half)value);
            cbor.Add(0xF9);
            cbor.AddRange(bytes[..2]);
        }
        else if ((float)value == value)
        {
            BinaryPrimitives.WriteSingleBigEndian(bytes, (float)value);
            cbor.Add(0xFA);
            cbor.AddRange(bytes[..4]);
        }
        else
        {
            BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
            cbor.Add(0xFB);
            cbor.AddRange(bytes);
        }
    }

    private static void Head(List<byte> cbor, byte major, ulong argument)
    {
        byte top = (byte)(major << 5);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, argument);
        if (argument < 24) { cbor.Add((byte)(top | argument)); return; }
        (byte kind, int length) = argument <= byte.MaxValue ? ((byte)24, 1) : argument <= ushort.MaxValue ? ((byte)25, 2) : argument <= uint.MaxValue ? ((byte)26, 4) : ((byte)27, 8);
        cbor.Add((byte)(top | kind));
        cbor.AddRange(bytes[^length..]);
    }
}
