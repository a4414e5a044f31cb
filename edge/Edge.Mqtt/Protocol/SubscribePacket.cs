using System.Text;

namespace Edge.Mqtt.Protocol;

/// <summary>One topic filter of a SUBSCRIBE.</summary>
/// <param name="Group">Name of the share; null for a subscription of its own.</param>
/// <param name="Filter">The filter without <c>$share/group/</c>.</param>
/// <param name="Text">The filter as the client wrote it.</param>
/// <param name="ReplayFrom">Of <c>$replay/from/filter</c>: where history starts; <paramref name="Filter"/> is without that prefix then.</param>
/// <param name="RetainHandling">0 send retained messages, 1 only when the subscription is new, 2 never.</param>
internal readonly record struct FilterRequest(string Text, string? Group, string Filter, byte Qos, bool NoLocal, bool RetainAsPublished, byte RetainHandling, string? ReplayFrom = null);

/// <summary>Parses SUBSCRIBE and UNSUBSCRIBE. Source: MQTT 5.0, 3.8 and 3.10.</summary>
internal sealed class SubscribePacket
{
    public ushort PacketId { get; private set; }
    public int SubscriptionIdentifier { get; private set; }
    public List<FilterRequest> Filters { get; } = [];

    /// <returns>Null with <paramref name="fault"/> set when the packet breaks a rule.</returns>
    public static SubscribePacket? TryParse(ReadOnlySpan<byte> body, bool isUnsubscribe, bool v5, int maxTopicBytes, int maxTopicLevels, out PacketFault fault)
    {
        fault = PacketFault.Malformed;
        BodyReader reader = new(body);
        SubscribePacket packet = new();
        if (!reader.TryTakeUInt16(out ushort id) || id == 0) return null;
        packet.PacketId = id;
        if (v5 && !packet.TryTakeProperties(ref reader, isUnsubscribe, out fault)) return null;
        fault = PacketFault.Malformed;
        if (reader.Left.IsEmpty) return null;
        while (!reader.Left.IsEmpty)
        {
            if (!reader.TryTakeText(out ReadOnlySpan<byte> bytes) || bytes.IsEmpty) return null;
            byte options = 0;
            if (!isUnsubscribe && !reader.TryTakeByte(out options)) return null;
            if ((options & 3) == 3 || (options & (v5 ? 0xc0 : 0xfc)) != 0 || (options & 0x30) == 0x30) return null;
            string text = Encoding.UTF8.GetString(bytes);
            if (!MqttText.TrySplitShare(text, out string? group, out string filter)) return null;
            if (!MqttText.TrySplitReplay(text, out string? from, ref filter)) return null;
            if (!MqttText.IsTopicFilter(Encoding.UTF8.GetBytes(filter), maxTopicBytes, maxTopicLevels)) return null;
            if (group is not null && (options & 4) != 0)
            {
                fault = PacketFault.ProtocolError;
                return null;
            }
            packet.Filters.Add(new FilterRequest(text, group, filter, (byte)(options & 3), (options & 4) != 0, (options & 8) != 0, (byte)((options >> 4) & 3), from));
        }
        fault = PacketFault.None;
        return packet;
    }

    private bool TryTakeProperties(ref BodyReader reader, bool isUnsubscribe, out PacketFault fault)
    {
        fault = PacketFault.Malformed;
        if (!PropertyReader.TryOpen(ref reader, isUnsubscribe ? PropertySet.Unsubscribe : PropertySet.Subscribe, out PropertyReader properties)) return false;
        while (properties.MoveNext())
            if (properties.Id == PropertyId.SubscriptionIdentifier) SubscriptionIdentifier = (int)properties.Number;
        if (properties.Fault == PacketFault.None) return true;
        // A wrong value of a known property is a protocol error, a property that does not belong here makes the packet malformed.
        if (properties.Id == PropertyId.SubscriptionIdentifier) fault = properties.Fault;
        return false;
    }
}
