using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Edge.Mqtt.Sessions;

/// <summary>Builds a value of the table <c>__mqtt_sessions</c>. Big-endian; texts and binary fields have a 16-bit length, as in MQTT.</summary>
internal sealed class StateWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    public StateWriter Byte(int value)
    {
        _bytes.GetSpan(1)[0] = (byte)value;
        _bytes.Advance(1);
        return this;
    }

    public StateWriter UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.GetSpan(2), (ushort)value);
        _bytes.Advance(2);
        return this;
    }

    public StateWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public StateWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public StateWriter Text(string text) => Binary(Encoding.UTF8.GetBytes(text));

    public StateWriter Binary(ReadOnlySpan<byte> value)
    {
        UInt16(value.Length);
        return Raw(value);
    }

    public StateWriter Raw(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
