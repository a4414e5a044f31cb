using System.Text;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Sessions;

/// <summary>What is kept of a session that changes rarely: life time and subscriptions.</summary>
/// <param name="IsConnected">Whether the client was connected when this was written.</param>
/// <param name="User">Who made it; empty: anonymous.</param>
/// <param name="AwaySinceMs">Unix epoch, ms; end of the last connection.</param>
internal sealed record SessionRecord(bool IsConnected, string User, uint ExpirySeconds, long AwaySinceMs, IReadOnlyList<(FilterRequest Request, int Identifier, long StartSequence)> Subscriptions)
{
    private const byte FormatVersion = 1;

    public byte[] Encode()
    {
        StateWriter value = new StateWriter().Byte(FormatVersion).Byte(IsConnected ? 1 : 0).Text(User).UInt32(ExpirySeconds).Int64(AwaySinceMs).UInt32((uint)Subscriptions.Count);
        foreach ((FilterRequest request, int identifier, long start) in Subscriptions)
        {
            int options = request.Qos | (request.NoLocal ? 4 : 0) | (request.RetainAsPublished ? 8 : 0) | (request.RetainHandling << 4);
            value.Byte(options).UInt32((uint)identifier).Int64(start).Text(request.Text);
        }
        return value.ToArray();
    }

    /// <summary>Null when the value is not of a known version or does not hold what it says.</summary>
    public static SessionRecord? TryDecode(ReadOnlySpan<byte> value)
    {
        BodyReader reader = new(value);
        if (!reader.TryTakeByte(out byte version) || version != FormatVersion || !reader.TryTakeByte(out byte flags) || !reader.TryTakeBinary(out ReadOnlySpan<byte> user) || !reader.TryTakeUInt32(out uint expiry)
            || !TryTakeInt64(ref reader, out long away) || !reader.TryTakeUInt32(out uint count)) return null;
        List<(FilterRequest, int, long)> subscriptions = [];
        for (uint i = 0; i < count; i++)
        {
            if (!reader.TryTakeByte(out byte options) || !reader.TryTakeUInt32(out uint identifier) || !TryTakeInt64(ref reader, out long start)
                || !reader.TryTakeText(out ReadOnlySpan<byte> utf8)) return null;
            string text = Encoding.UTF8.GetString(utf8);
            if (!MqttText.TrySplitShare(text, out string? group, out string filter)) return null;
            subscriptions.Add((new FilterRequest(text, group, filter, (byte)(options & 3), (options & 4) != 0, (options & 8) != 0, (byte)((options >> 4) & 3)), (int)identifier, start));
        }
        return new SessionRecord((flags & 1) != 0, Encoding.UTF8.GetString(user), expiry, away, subscriptions);
    }

    internal static bool TryTakeInt64(ref BodyReader reader, out long value)
    {
        value = 0;
        if (!reader.TryTakeUInt32(out uint high) || !reader.TryTakeUInt32(out uint low)) return false;
        value = (long)(((ulong)high << 32) | low);
        return true;
    }
}
