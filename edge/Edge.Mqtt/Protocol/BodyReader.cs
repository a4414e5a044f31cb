using System.Buffers.Binary;

namespace Edge.Mqtt.Protocol;

/// <summary>Takes fields from the front of a packet's body. Every method returns false, and takes nothing, when the bytes end too early.</summary>
internal ref struct BodyReader(ReadOnlySpan<byte> body)
{
    public ReadOnlySpan<byte> Left { get; private set; } = body;

    public bool TryTakeByte(out byte value)
    {
        if (Left.IsEmpty) { value = 0; return false; }
        value = Left[0];
        Left = Left[1..];
        return true;
    }

    public bool TryTakeUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(Left, out value)) return false;
        Left = Left[2..];
        return true;
    }

    public bool TryTakeUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(Left, out value)) return false;
        Left = Left[4..];
        return true;
    }

    public bool TryTakeVariable(out int value)
    {
        int read = VariableInteger.Read(Left, out value);
        if (read <= 0) return false;
        Left = Left[read..];
        return true;
    }

    /// <summary>Binary data with its 16-bit length.</summary>
    public bool TryTakeBinary(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(Left, out ushort length) || Left.Length - 2 < length) return false;
        value = Left.Slice(2, length);
        Left = Left[(2 + length)..];
        return true;
    }

    /// <summary>A UTF-8 string that MQTT allows: well-formed, without U+0000 and control characters.</summary>
    public bool TryTakeText(out ReadOnlySpan<byte> value) => TryTakeBinary(out value) && MqttText.IsValid(value);

    public bool TryTake(int bytes, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (bytes < 0 || Left.Length < bytes) return false;
        value = Left[..bytes];
        Left = Left[bytes..];
        return true;
    }
}
