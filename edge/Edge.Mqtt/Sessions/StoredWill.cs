using System.Text;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Sessions;

/// <summary>The will of a connection and the key under which it outlives a crash of the broker.</summary>
/// <param name="Key">Of the table <c>__mqtt_sessions</c>; removed in the commit group of the will's record, or when the client leaves in peace.</param>
internal sealed record StoredWill(string Key, string ClientId, string? UserName, WillMessage Will)
{
    private const byte FormatVersion = 1;

    public byte[] Encode() => new StateWriter().Byte(FormatVersion).Byte(Will.Qos | (Will.Retain ? 4 : 0)).UInt32(Will.DelaySeconds).Text(ClientId).Text(UserName ?? "")
        .Text(Will.Topic).Binary(Will.Payload).Raw(Will.Properties).ToArray();

    /// <summary>Null when the value is not of a known version or does not hold what it says.</summary>
    public static StoredWill? TryDecode(string key, ReadOnlySpan<byte> value)
    {
        BodyReader reader = new(value);
        if (!reader.TryTakeByte(out byte version) || version != FormatVersion || !reader.TryTakeByte(out byte flags) || (flags & 3) == 3 || !reader.TryTakeUInt32(out uint delay)
            || !reader.TryTakeBinary(out ReadOnlySpan<byte> client) || !reader.TryTakeBinary(out ReadOnlySpan<byte> user) || !reader.TryTakeBinary(out ReadOnlySpan<byte> topic)
            || !reader.TryTakeBinary(out ReadOnlySpan<byte> payload)) return null;
        WillMessage will = new(Encoding.UTF8.GetString(topic), payload.ToArray(), (byte)(flags & 3), (flags & 4) != 0, delay, reader.Left.ToArray());
        return new StoredWill(key, Encoding.UTF8.GetString(client), user.IsEmpty ? null : Encoding.UTF8.GetString(user), will);
    }
}
